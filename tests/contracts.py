"""A contract for import-linter: the packages of the house are entered by their doors only."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """Of a package under `package`, modules outside it may import only those under its doors.

    open: packages (or single modules) that export what they are for, and may be imported as they are.
    """

    package = fields.StringField()
    doors = fields.SetField(subfield=fields.StringField())
    open = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Broken where an import goes round the doors."""
        root = f"{self.package}."
        found = []
        for importer in sorted(graph.modules):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if imported.startswith(root) and self._goes_round(importer, imported.removeprefix(root)):
                    lines = sorted(
                        i["line_number"] for i in graph.get_import_details(importer=importer, imported=imported)
                    )
                    found.append((importer, imported, lines))
        return ContractCheck(kept=not found, metadata={"found": found})

    def _goes_round(self, importer: str, inner: str) -> bool:
        book, _, rest = inner.partition(".")
        if not rest or importer.startswith(f"{self.package}.{book}"):
            return False
        if any(inner == way or inner.startswith(f"{way}.") for way in self.open):
            return False
        return rest.split(".")[0] not in self.doors

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Each import that goes round the doors, with its lines."""
        for importer, imported, lines in check.metadata["found"]:
            output.print_error(f"{importer} -> {imported} (l. {', '.join(map(str, lines))})", bold=False)
        output.print(f"Put what others need under {', '.join(sorted(self.doors))}, or ask for it there.")
