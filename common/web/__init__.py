"""The doors: pages for people, operations for programs, and what both share."""

from common.web.access import Access, anyone, has_role, services_only, signed_in
from common.web.api import Api, paged
from common.web.pages import (
    Pages,
    database,
    flash,
    form_data,
    fragment,
    now,
    redirect_to,
    render,
    safe_next,
)
from common.web.sections import Heading, Section, sections_of

__all__ = [
    "Access",
    "Api",
    "Heading",
    "Pages",
    "Section",
    "anyone",
    "database",
    "flash",
    "form_data",
    "fragment",
    "has_role",
    "now",
    "paged",
    "redirect_to",
    "render",
    "safe_next",
    "sections_of",
    "services_only",
    "signed_in",
]
