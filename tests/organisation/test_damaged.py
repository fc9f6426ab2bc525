"""Whatever happens to a file on its way, the answer is an organisation or sentences, never a traceback."""

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.organisation_file import OrganisationFileError, read_organisation
from tests.organisation.test_demo import DEMO

SCRAPS = (
    b"\t",
    b"'",
    b'"',
    b"[",
    b"]",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"\n",
    b"&a ",
    b"*a",
    b"!x ",
    b"\xff",
    b"\0",
    b"|",
    b">",
)
SCRAPS += (
    b"%",
    b"---\n",
    b"~",
    b"#",
    b"? ",
    b"\\",
    b"\r",
    b"@",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"99999999999999999999",
)
WHOLE = DEMO.read_bytes()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 20), st.sampled_from(SCRAPS)), min_size=1, max_size=3
    ),
    st.integers(0, len(WHOLE)),
)
def test_a_damaged_file_gives_sentences_with_lines_that_exist(damages, end):
    data = WHOLE[:end] if end % 2 else WHOLE
    for at, length, scrap in damages:
        data = data[:at] + scrap + data[at + length :]
    lines = len(data.decode(errors="replace").splitlines())
    try:
        read_organisation(data)
    except OrganisationFileError as error:
        assert error.faults
        for fault in error.faults:
            assert 1 <= fault.line <= max(lines, 1)
            assert fault.sentence.endswith((".", "?"))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_sentences(data):
    try:
        read_organisation(data)
    except OrganisationFileError as error:
        assert error.faults
