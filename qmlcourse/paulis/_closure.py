"""The Lie algebra that generators span with their commutators. Public through paulis."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.linalg import qr

from .. import _checks
from .._typing import Array
from ._sum import PauliSum, from_arrays
from ._words import anticommute, power_of_i

_TOLERANCE = 1e-9  # of unit vectors: what is left of one that depends on the others
_ROUNDING = 1e-13  # of unit vectors: smaller entries are rounding
_CANDIDATES = 2**20  # commutators of words looked at together


def lie_closure(generators: Sequence[PauliSum], *, max_dim: int | None = None) -> list[PauliSum]:
    r"""Compute a basis of the Lie algebra of generators, the dynamical one of a circuit of them.

    .. math:: \mathfrak{g} = \mathrm{span}_{\mathbb{R}}\{G_1, \ldots, G_m,\ i[G_a, G_b],\
        i[G_a, i[G_b, G_c]], \ldots\}

    for gates :math:`e^{-i\theta G_a}`. Elements are Hermitian here; with a factor i, they are
    the algebra's.

    Parameters
    ----------
    generators : sequence of PauliSum
        At least one, all on the same qubits, with real coefficients.
    max_dim : int, optional
        The largest dimension to go to. Without it, only memory is a limit: an algebra can have
        :math:`4^n` dimensions.

    Returns
    -------
    list of PauliSum
        Orthonormal by :math:`\mathrm{tr}(AB)/2^n`. Where every generator is one word, single words
        with coefficient 1, the generators first. Otherwise real combinations of words, the
        generators' span first.

    Raises
    ------
    ValueError, TypeError
        If there are more dimensions than ``max_dim`` or than fit into memory, if there is no
        generator, or one is no PauliSum, has a coefficient that is not real, or other qubits.

    Notes
    -----
    Commutators with the generators are enough: nested ones of any other form are sums of these.
    Two words commute or give a word, found by a few bit operations for all at once. Combinations
    are vectors over the words that can occur; a vector within 1e-9, relatively, of the span of
    others counts as one of it, and an entry below 1e-13 of a unit vector as 0.
    Sources: arXiv:2105.14377, arXiv:2309.05690. Used in the chapter *Expressibility*.

    Examples
    --------
    >>> ising = [PauliSum({w: 1.0}) for w in ("ZZ", "XI", "IX")]
    >>> [next(iter(word.terms)) for word in lie_closure(ising)]
    ['ZZ', 'XI', 'IX', 'ZY', 'YZ', 'YY']
    >>> len(lie_closure([PauliSum({"ZZ": 1.0}), PauliSum({"XI": 1.0, "IX": 1.0})]))
    4
    """
    if max_dim is not None:
        max_dim = _checks.integer(max_dim, "max_dim")
    _check(generators)
    spanning = [g for g in generators if len(g)]
    if not spanning:
        return []
    if all(len(g) == 1 for g in spanning):
        x, z = _words(spanning, max_dim)
        return list(_single_words(x, z, spanning[0].n_qubits))
    return _combinations(spanning, max_dim)


def _check(generators: object) -> None:
    if not isinstance(generators, Sequence) or isinstance(generators, str) or not generators:
        raise TypeError(
            "generators must be a sequence of at least one PauliSum; got "
            f"{_checks.shown(generators)}."
        )
    for g in generators:
        if not isinstance(g, PauliSum):
            raise TypeError(f"generators must hold PauliSums; got {_checks.shown(g)}.")
        if g.coefficients.dtype.kind == "c":
            raise ValueError(
                "generators must have real coefficients, as gates exp(-i theta G) need; got "
                f"{_checks.shown(g)}."
            )
    if len({g.n_qubits for g in generators}) > 1:
        numbers = sorted({g.n_qubits for g in generators})
        raise ValueError(f"generators must act on the same qubits; got {numbers} of them.")


def _limit(dim: int, max_dim: int | None) -> None:
    if max_dim is not None and dim > max_dim:
        raise ValueError(
            f"max_dim must be at least the algebra's dimension, which is above {max_dim}."
        )


def _keys(x: Array, z: Array, n: int) -> Array:
    """Return one value a word on n qubits that NumPy can sort."""
    if n <= 32:  # both halves in one column, and sorting it is twice as fast
        return x[:, 0] | (z[:, 0] >> np.uint64(32))
    both = np.ascontiguousarray(np.concatenate([x, z], axis=1))
    return both.view(f"V{both.dtype.itemsize * both.shape[1]}")[:, 0]


def _words(
    generators: Sequence[PauliSum], max_dim: int | None, rounds: int | None = None
) -> tuple[Array, Array]:
    """Return the words of the generators and all that commutators with these words reach.

    With ``rounds``, those that so many nested commutators reach.
    """
    n, n_columns = generators[0].n_qubits, generators[0].x.shape[1]
    gx, gz = (np.concatenate([getattr(g, name) for g in generators]) for name in "xz")
    first = np.sort(np.unique(_keys(gx, gz, n), return_index=True)[1])  # each once, in their order
    gx, gz = gx[first], gz[first]
    found, seen = [(gx, gz)], np.sort(_keys(gx, gz, n))
    step = max(1, _CANDIDATES // len(gx))
    while len(found[-1][0]) and (rounds is None or len(found) <= rounds):
        _limit(len(seen), max_dim)
        _checks.memory(200 * n_columns * len(seen), f"an algebra over {len(seen)} words")
        x, z = found[-1]
        parts = []
        for k in range(0, len(x), step):
            xk, zk = x[k : k + step, None], z[k : k + step, None]
            words, by = np.nonzero(anticommute(xk, zk, gx, gz))
            parts.append(_once(xk[words, 0] ^ gx[by], zk[words, 0] ^ gz[by], n))
        x, z = (np.concatenate(side) for side in zip(*parts, strict=True))
        x, z = _once(x, z, n)
        keys = _keys(x, z, n)
        new = seen[np.minimum(np.searchsorted(seen, keys), len(seen) - 1)] != keys
        found.append((x[new], z[new]))
        seen = np.sort(np.concatenate([seen, keys[new]]))
    x, z = (np.concatenate(side) for side in zip(*found, strict=True))
    return x, z


def _once(x: Array, z: Array, n: int) -> tuple[Array, Array]:
    first = np.unique(_keys(x, z, n), return_index=True)[1]
    return x[first], z[first]


def _single_words(x: Array, z: Array, n_qubits: int) -> Iterator[PauliSum]:
    """Build sums of one term: nothing to merge or to check, so by the thousand."""
    one = np.ones(1)
    for array in (x, z, one):
        array.flags.writeable = False
    for k in range(len(x)):
        made = PauliSum.__new__(PauliSum)
        for name, value in {
            "x": x[k : k + 1], "z": z[k : k + 1], "coefficients": one, "n_qubits": n_qubits,
        }.items():  # fmt: skip
            object.__setattr__(made, name, value)
        yield made


def _combinations(generators: Sequence[PauliSum], max_dim: int | None) -> list[PauliSum]:
    """Return an orthonormal basis of real combinations of words."""
    # With a limit, the words of a few rounds may do: not all that can occur at last.
    rounds = None if max_dim is None else 2
    n = generators[0].n_qubits
    while True:
        x, z = _words(generators, None, rounds)
        rows = len(x) if max_dim is None else min(len(x), max_dim)
        _checks.memory(40 * len(x) * rows, f"{rows} combinations of {len(x)} words")
        basis = _span(generators, x, z, max_dim, rounds)
        if basis is not None:
            break
        rounds = 2 * rounds if rounds else None
    result = []
    for row in basis:
        kept = np.abs(row) > _ROUNDING
        result.append(from_arrays(x[kept], z[kept], row[kept], n))
    return result


def _span(
    generators: Sequence[PauliSum], x: Array, z: Array, max_dim: int | None, rounds: int | None
) -> Array | None:
    """Return a basis over given words; None if it takes more rounds than these are words of."""
    n = generators[0].n_qubits
    order = np.argsort(_keys(x, z, n))
    place = _keys(x, z, n)[order]

    def positions(a: Array, b: Array) -> tuple[Array, Array]:
        keys = _keys(a, b, n)
        at = np.minimum(np.searchsorted(place, keys), len(place) - 1)
        return order[at], place[at] == keys

    vectors = np.zeros((len(generators), len(x)))
    brackets = []
    for row, g in zip(vectors, generators, strict=True):
        own = positions(g.x, g.z)[0]
        row[own] = g.coefficients / np.abs(g.coefficients).max()
        row /= np.linalg.norm(row)
        terms = []
        for gx, gz, c in zip(g.x, g.z, row[own], strict=True):
            to = np.flatnonzero(anticommute(x, z, gx, gz))
            source, there = positions(x[to] ^ gx, z[to] ^ gz)
            to, source = to[there], source[there]
            # i [G, W] / 2 = i^(1 + k) times a word, which is real.
            signs = c * (np.int64(power_of_i(gx, gz, x[source], z[source])) - 2)
            terms.append((to, source, signs))
        brackets.append(terms)

    basis = np.empty((0, len(x)))
    for row in vectors:
        basis = np.concatenate([basis, _independent(row[None], basis)])
    done = step = 0
    while done < len(basis):
        _limit(len(basis), max_dim)
        if step == rounds:
            return None
        step += 1
        last, done = basis[done:], len(basis)
        for terms in brackets:
            made = np.zeros_like(last)
            for to, source, signs in terms:
                made[:, to] += signs * last[:, source]
            basis = np.concatenate([basis, _independent(made, basis)])
            _limit(len(basis), max_dim)
    return basis


def _independent(vectors: Array, basis: Array) -> Array:
    """Return orthonormal vectors that the given ones add to the span of an orthonormal basis."""
    norms = np.linalg.norm(vectors, axis=1)
    vectors = vectors[norms > _TOLERANCE] / norms[norms > _TOLERANCE, None]
    for _ in range(2):
        vectors = vectors - (vectors @ basis.T) @ basis
    vectors = vectors[np.linalg.norm(vectors, axis=1) > _TOLERANCE]
    if not len(vectors):
        return vectors
    q, r, _ = qr(vectors.T, mode="economic", pivoting=True)
    diagonal = r.diagonal()
    rank = int(np.count_nonzero(np.abs(diagonal) > _TOLERANCE))
    # The sign of the vector that came, not that of the algorithm.
    return (q[:, :rank] * np.sign(diagonal[:rank])).T
