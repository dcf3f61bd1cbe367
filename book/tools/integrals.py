"""Make the stored integrals of `qmlcourse.chemistry`: Hartree–Fock in STO-3G, residual checked.

    python book/tools/integrals.py            writes qmlcourse/chemistry/integrals.json, a minute
    python book/tools/integrals.py --check    says how far the stored file is from a new run

PennyLane computes the integrals over atomic orbitals. The iteration is this file's own: PennyLane's
ends after 50 steps wherever it is, without a warning, and at long bonds that is no solution. Here a
length is left out unless the residual is below 1e-10 and no other start finds a lower energy first.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from qmlcourse import _files

OUT = Path(__file__).parents[2] / "qmlcourse" / "chemistry" / "integrals.json"
BOHR = 0.529177210903  # angstrom, CODATA 2018
RESIDUAL = 1e-10  # hartree
Array = NDArray[np.float64]


class NotConverged(RuntimeError):
    """No start led to a solution."""


def grid(low: float, high: float, step: float, *more: float) -> list[float]:
    """Return lengths from low to high, and more, in order."""
    n = round((high - low) / step)
    return sorted({round(low + k * step, 4) for k in range(n + 1)} | set(more))


def chain(n: int, d: float) -> list[list[float]]:
    """Return n atoms on a line."""
    return [[0, 0, k * d] for k in range(n)]


def triangle(n: int, d: float) -> list[list[float]]:
    """Return three atoms, each pair at one distance."""
    corners = [[0.0, 0.0, 0.0], [d, 0.0, 0.0], [d / 2, 0.0, d * float(np.sqrt(3)) / 2]]
    return corners[:n]


# Atoms, how they lie, electrons, orbitals left doubly occupied (frozen), lengths in angstrom.
MOLECULES: dict[str, tuple[list[str], Any, int, int, list[float]]] = {
    "H2": (["H"] * 2, chain, 2, 0, grid(0.3, 1.5, 0.05, *grid(1.6, 4, 0.1), 0.735, 0.74, 0.7408,
                                        0.7414)),
    "H3+": (["H"] * 3, triangle, 2, 0, grid(0.6, 2, 0.1, 0.874, 0.986)),
    "H4": (["H"] * 4, chain, 4, 0, grid(0.5, 3, 0.1, 0.75, 0.88)),
    "LiH": (["Li", "H"], chain, 4, 1, grid(1, 4, 0.1, 1.546, 1.55, 1.57, 1.595, 1.5949, 1.5957)),
}  # fmt: skip


def atomic(symbols: list[str], geometry: list[list[float]]) -> tuple[float, Array, Array, Array]:
    """Return nuclear repulsion, overlap, core Hamiltonian and (pq|rs) over atomic orbitals."""
    import pennylane as qml

    place = qml.numpy.array(np.array(geometry) / BOHR, requires_grad=False)
    charge = len(symbols) % 2 if set(symbols) == {"H"} else 0  # of H3+
    made = qml.qchem.Molecule(symbols, place, charge=charge)
    _, _, _, core, repulsion = qml.qchem.scf(made, n_steps=1)()
    overlap = qml.qchem.overlap_matrix(made.basis_set)()
    nuclear = qml.qchem.nuclear_energy(made.nuclear_charges, made.coordinates)()
    return (
        float(np.asarray(nuclear).item()), np.asarray(overlap), np.asarray(core),
        np.asarray(repulsion),
    )  # fmt: skip


def fock(core: Array, repulsion: Array, orbitals: Array) -> Array:
    """Return the Fock matrix of doubly occupied orbitals, columns of coefficients."""
    density = orbitals @ orbitals.T
    coulomb = np.einsum("pqrs,rs->pq", repulsion, density)
    return np.asarray(core + 2 * coulomb - np.einsum("prqs,rs->pq", repulsion, density))


def hartree_fock(
    overlap: Array, core: Array, repulsion: Array, n_pairs: int, start: Array
) -> tuple[float, float, Array]:
    """Return electronic energy, residual and orbitals; the iteration is DIIS (Pulay, 1980)."""
    root = np.linalg.inv(scipy.linalg.sqrtm(overlap).real)
    orbitals = start
    focks: list[Array] = []
    errors: list[Array] = []
    for _ in range(120):
        occupied = orbitals[:, :n_pairs]
        f = fock(core, repulsion, occupied)
        density = occupied @ occupied.T
        error = root @ (f @ density @ overlap - overlap @ density @ f) @ root
        residual = float(np.abs(error).max())
        if residual < RESIDUAL / 10:
            break
        focks, errors = [*focks[-7:], f], [*errors[-7:], error]
        n = len(focks)
        system = -np.ones((n + 1, n + 1))
        system[n, n] = 0
        system[:n, :n] = [[np.sum(a * b) for a in errors] for b in errors]
        weights = np.linalg.lstsq(system, -np.eye(n + 1)[n], rcond=None)[0][:n]
        mixed = np.sum([w * f for w, f in zip(weights, focks, strict=True)], axis=0)
        orbitals = scipy.linalg.eigh(mixed, overlap)[1]
    energy = float(np.sum(density * (core + f)))
    return energy, residual, canonical(f, overlap)


def canonical(f: Array, overlap: Array) -> Array:
    """Return eigenvectors with fixed signs, and fixed axes where two energies are equal."""
    energies, orbitals = scipy.linalg.eigh(f, overlap)
    for k in range(1, len(energies)):
        if energies[k] - energies[k - 1] < 1e-6:
            pair = orbitals[:, k - 1 : k + 1]
            order = np.diag(np.arange(len(energies)))
            orbitals[:, k - 1 : k + 1] = pair @ np.linalg.eigh(pair.T @ order @ pair)[1]
    # The first of nearly equal entries, so that rounding doesn't choose the sign.
    big = (np.abs(orbitals) > 0.999 * np.abs(orbitals).max(axis=0)).argmax(axis=0)
    return np.asarray(orbitals * np.sign(orbitals[big, np.arange(len(energies))]))


def active(
    nuclear: float, core: Array, repulsion: Array, orbitals: Array, frozen: int
) -> tuple[float, Array, Array]:
    """Return constant, one- and two-electron integrals over the orbitals that are not frozen."""
    closed, rest = orbitals[:, :frozen], orbitals[:, frozen:]
    field = fock(core, repulsion, closed)
    constant = nuclear + float(np.sum(closed @ closed.T * (core + field)))
    two = np.einsum("abcd,ap,bq,cr,ds->pqrs", repulsion, rest, rest, rest, rest, optimize=True)
    return constant, rest.T @ field @ rest, two


def packed(constant: float, one: Array, two: Array) -> list[list[float]]:
    """Return what the symmetries of real orbitals leave: p <= q, and pairs (pq) <= (rs)."""
    pairs = np.triu_indices(len(one))
    square = two[pairs][:, pairs[0], pairs[1]]
    rows = [np.array([constant]), one[pairs], square[np.triu_indices(len(square))]]
    return [[round(float(v), 12) + 0.0 for v in row] for row in rows]


def integrals(name: str, length: float, start: Array | None) -> tuple[list[list[float]], Array]:
    """Return the packed integrals of the lowest solution found, and its orbitals."""
    symbols, lie, electrons, frozen, _ = MOLECULES[name]
    nuclear, overlap, core, repulsion = atomic(symbols, lie(len(symbols), length))
    root = np.linalg.inv(scipy.linalg.sqrtm(overlap).real)
    rng = np.random.default_rng(0)
    starts = [scipy.linalg.eigh(core, overlap)[1]]
    starts += [root @ np.linalg.qr(rng.normal(size=core.shape))[0] for _ in range(5)]
    if start is not None:  # the solution of a neighbour, orthogonal in this overlap
        u, _, v = np.linalg.svd(np.linalg.inv(root) @ start)
        starts.append(root @ u @ v)
    found = [hartree_fock(overlap, core, repulsion, electrons // 2, s) for s in starts]
    energy, residual, orbitals = min(
        (f for f in found if f[1] < RESIDUAL), key=lambda f: f[0], default=found[0]
    )
    if residual >= RESIDUAL:
        raise NotConverged(f"{name} at {length}: the residual is {residual:.1e}")
    # Equally low solutions differ by rounding: the first of them, for the same orbitals again.
    orbitals = next(f[2] for f in found if f[1] < RESIDUAL and f[0] < energy + 1e-9)
    return packed(*active(nuclear, core, repulsion, orbitals, frozen)), orbitals


def made() -> dict[str, Any]:
    """Return everything that the file holds, but for its checksum."""
    result: dict[str, Any] = {}
    for name, (_, _, electrons, frozen, lengths) in MOLECULES.items():
        rows: dict[str, list[list[float]]] = {}
        orbitals: Array | None = None
        for length in reversed(lengths):
            try:
                rows[f"{length:g}"], orbitals = integrals(name, length, orbitals)
            except NotConverged as error:
                print("left out:", error)
        entries = dict(reversed(rows.items()))
        result[name] = {"electrons": electrons - 2 * frozen, "integrals": entries}
        print(name, len(entries), "lengths")
    return result


def text(content: dict[str, Any]) -> str:
    """Return the file's text, one length a line."""
    parts = []
    for name, molecule in content.items():
        lines = ",\n".join(
            f"   {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}".replace("0.0,", "0,")
            for k, v in molecule["integrals"].items()
        )
        parts.append(
            f' {json.dumps(name)}: {{"electrons": {molecule["electrons"]}, "integrals": {{\n'
            f"{lines}\n }}}}"
        )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return 1 if the stored file differs by more than 1e-8."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args(arguments).check
    new = made()
    if check:
        old = json.loads(OUT.read_text(encoding="utf-8"))
        worst = max(
            abs(a - b)
            for name in new
            for length, rows in new[name]["integrals"].items()
            for row, stored in zip(rows, old[name]["integrals"][length], strict=True)
            for a, b in zip(row, stored, strict=True)
        )
        print(f"largest difference {worst:.1e} hartree")
        return int(worst > 1e-8)
    content = text(new).encode()
    _files.write(OUT, content)
    print(f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
