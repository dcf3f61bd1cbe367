"""The figure "dissociation": what it shows against its data, its controls."""

import numpy as np
import pandas as pd
import pytest
from figure import Figure, number, places, scale

METHODS = ["Hartree–Fock", "CISD", "CCSD", "UCC", "exact", "unrestricted HF"]
NOISY = ["noisy, textbook", "noisy, short"]


class Dissociation(Figure):
    name, chapter = "dissociation", "applications/vqe"

    def __init__(self, page, base):
        super().__init__(page, base)
        self.data = pd.DataFrame(self.data)

    def table(self):
        table = pd.DataFrame(self.rows(), columns=["method", "length", "energy", "error"])
        for name in table.columns[1:]:
            table[name] = table[name].map(number)
        return table

    def shows(self, molecule, methods):
        part = self.data.query("molecule == @molecule and method in @methods")
        keys = ["method", "length"]
        found = self.table().set_index(keys).sort_index()
        wanted = part.set_index(keys).sort_index()
        assert len(found) == len(wanted) > 0
        np.testing.assert_allclose(found["energy"], wanted["energy"], rtol=1e-4)
        np.testing.assert_allclose(found["error"], wanted["error"], rtol=1e-2, atol=1e-9)
        return part


@pytest.fixture(scope="module")
def opened(tab, base):
    return Dissociation(tab, base)


def test_start_shows_h2_without_noise(figure):
    figure.shows("H2", METHODS)
    assert figure.said == (
        "H2: within 1.6 millihartree at all lengths: CISD; CCSD; UCC. "
        "Further off at some length: Hartree–Fock; unrestricted HF."
    )


def test_noise_is_a_switch(figure):
    figure.key("noise (H2 only)", "Space")
    part = figure.shows("H2", METHODS + NOISY)
    # As the chapter says: the textbook circuit never, the short one from 1.3 angstrom on.
    textbook, short = (part[part["method"] == method] for method in NOISY)
    assert (textbook["error"] > 1.6).all()
    assert ((short["error"] < 1.6) == (short["length"] >= 1.3)).all()
    # Unrestricted Hartree-Fock is worse than it from 0.74 to 2 angstrom, and better further out.
    own = part[part["method"] == "unrestricted HF"].set_index("length")["error"]
    worse = own > textbook.set_index("length")["error"]
    assert list(worse.index[worse]) == [0.74, 1.0, 1.3, 1.6, 2.0]
    assert own[3.0] < short.set_index("length")["error"][3.0]
    assert "noisy, textbook; noisy, short." in figure.said


def test_other_molecules_have_no_noise_and_say_so(figure):
    figure.put({"Molecule": "H4"})
    figure.shows("H4", METHODS)
    assert "all lengths: none" in figure.said
    figure.key("noise (H2 only)", "Space")
    figure.shows("H4", METHODS)
    assert figure.said.endswith("Noise was simulated for H2 only.")


def test_methods_can_be_hidden(figure):
    figure.key("UCC", "Space")
    figure.shows("H2", [m for m in METHODS if m != "UCC"])
    for method in METHODS:
        if method != "UCC":
            figure.key(method, "Space")
    assert figure.said == "No method is chosen."


def test_points_are_drawn_where_the_numbers_say(figure):
    table = figure.table()
    x, y = places(figure.root.locator(".qml-figure-view g[aria-label=dot] path")).T
    assert scale(x, table["length"]) > 0 > scale(y, table["energy"])
