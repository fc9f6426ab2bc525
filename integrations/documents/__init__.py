"""Documents people take away: Markdown, HTML and Word."""

from integrations.documents.page import html
from integrations.documents.plain import markdown
from integrations.documents.word import docx

__all__ = ["docx", "html", "markdown"]
