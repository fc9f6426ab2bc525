"""Changes of services: recorded by people and by programs, approved where they are risky, and seen beside incidents."""
