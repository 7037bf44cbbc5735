"""Where modules lie and what they are called."""

import pytest

from tests.contract.tree import ROOT, SHIPPED, sources

# Names that say nothing of what a module holds, and so come to hold everything.
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


@pytest.mark.parametrize("folder", SHIPPED)
def test_a_folder_on_the_import_path_holds_no_loose_module(folder: str) -> None:
    """An editable install puts the folder itself on sys.path: a file in it would be a package."""
    assert list((ROOT / folder).glob("*.py")) == []


@pytest.mark.parametrize("folder", SHIPPED)
def test_every_package_is_typed_and_says_what_it_is_for(folder: str) -> None:
    packages = [path.parent for path in (ROOT / folder).glob("*/__init__.py")]

    assert packages
    for package in packages:
        assert (package / "py.typed").is_file(), package
        assert (package / "__init__.py").read_text().startswith('"""'), package


def test_no_module_has_a_name_that_fits_everything() -> None:
    parts = {
        part for path in sources() for part in (*path.relative_to(ROOT).parts[1:-1], path.stem)
    }

    assert parts & VAGUE == set()


def test_every_folder_with_tests_is_a_package() -> None:
    """Otherwise two tests of one name in two folders would be one module to the type checker."""
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
