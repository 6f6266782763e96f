"""manage.py load_library: the shipped evidence library into the database. Safe to run at every start."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from content import loading, shelf
from content.entries import BrokenLibrary, Library


class Command(BaseCommand):
    help = (
        "Load the evidence library. Everything arrives as a draft; approvals, retirements and edits made by the "
        "studio are kept, unless the library's own text changed: then the snippet is a draft again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--library", type=Path, default=shelf.SHIPPED, help="another folder to load from")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
        parser.add_argument("--checked-as", default="", metavar="NAME", help="who checked the science")
        parser.add_argument("--approve-as", default="", metavar="NAME", help="who approves what passes every rule")

    def handle(self, *, library: Path, dry_run: bool, checked_as: str, approve_as: str, **_: Any) -> None:
        _check_names(checked_as, approve_as)
        books = _read(library)
        self.stdout.write(f"Loading {len(books.snippets)} snippets on {len(books.sources)} sources ...")
        with transaction.atomic():
            self._tell(loading.load(books))
            if approve_as:
                self._approve(books, checked_as=checked_as, approve_as=approve_as)
            if dry_run:
                transaction.set_rollback(True)
                self.stdout.write("Dry run: nothing was changed.")

    def _tell(self, report: loading.Report) -> None:
        for slug in report.withdrawn:
            self.stdout.write(f"{slug} is a draft again: the library changed what was checked.")
        for slug in report.own:
            self.stdout.write(f"{slug} is the studio's own under a name of the library; left alone.")
        for slug in report.gone:
            self.stdout.write(f"{slug} is no longer in the library; retire it if you agree.")
        self.stdout.write(f"Snippets: {report.snippets}. Sources: {report.sources}. Myths: {report.myths}.")

    def _approve(self, books: Library, *, checked_as: str, approve_as: str) -> None:
        approvals = loading.approve_checked(
            [entry.slug for entry in books.snippets],
            checked_as=checked_as,
            approved_as=approve_as,
            at=timezone.now(),
        )
        for slug, why in approvals.left:
            self.stdout.write(f"{slug} waits for a person: {why}")
        self.stdout.write(f"Approved: {len(approvals.approved)}. Left for a person: {len(approvals.left)}.")


def _check_names(checked_as: str, approve_as: str) -> None:
    if bool(checked_as) != bool(approve_as):
        raise CommandError("Name both people: --checked-as and --approve-as.")
    if checked_as and checked_as.casefold() == approve_as.casefold():
        raise CommandError("Two different people check a snippet: --checked-as and --approve-as are the same.")


def _read(folder: Path) -> Library:
    try:
        return shelf.read_library(folder)
    except BrokenLibrary as broken:
        raise CommandError(f"Nothing was loaded.\n{broken}") from broken
