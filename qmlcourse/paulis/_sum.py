"""Sums of Pauli words, one bit for X and one for Z a qubit. Public through paulis."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _checks
from .._typing import Array
from ._numbers import finite, is_scalar, number
from ._pennylane import read
from ._words import anticommute, columns, letters_of, merged, order_of, packed, power_of_i, words


class PauliSum:
    r"""A sum of Pauli words with coefficients, :math:`\sum_w c_w P_w`, on any number of qubits.

    Parameters
    ----------
    terms : mapping of str to number
        Words such as ``"ZIX"``, one letter of I, X, Y, Z a qubit, qubit 0 first; all of one
        length. Terms whose coefficient is 0 are dropped.
    n_qubits : int, optional
        Needed only where there are no terms: the zero operator.

    Attributes
    ----------
    n_qubits : int
    terms : dict of str to float or complex
        The words, in a fixed order that doesn't depend on how the sum was made.
    x, z : ndarray of uint64, shape (n_terms, n_columns)
        One bit a qubit: X has its bit in ``x``, Z in ``z``, Y in both. Qubit 0 is the most
        significant bit of column 0, qubit 64 that of column 1.
    coefficients : ndarray of float or complex, shape (n_terms,)
        Real where every coefficient is.

    Raises
    ------
    ValueError, TypeError
        If a word or a coefficient is not as above, or numbers of qubits differ.
    OverflowError
        If a coefficient of a result is beyond the range of floats.

    Notes
    -----
    ``a + b``, ``a - b``, ``-a``, ``2 * a``, ``a / 2``, and ``a @ b``, the product of operators.
    ``a == b`` compares words and coefficients exactly; ``len(a)`` counts terms. A product of two
    words is a word times a power of i, found with a few bit operations (arXiv:quant-ph/0406196);
    terms are packed, so that a million of them on 60 qubits take 24 MB. Used in the chapters
    *Expressibility* and *Simulability*.

    Examples
    --------
    >>> a = PauliSum({"ZZI": 1.0, "IXI": 0.5j})
    >>> (a @ a).terms
    {'III': 0.75}
    >>> PauliSum({"ZZI": 2.0, "IXI": 5.0}).expectation("100")
    -2.0
    """

    __slots__ = ("coefficients", "n_qubits", "x", "z")
    __hash__ = None  # type: ignore[assignment]
    # NumPy's numbers leave `2 * a` to us instead of looking for entries.
    __array_ufunc__ = None

    n_qubits: int
    x: Array
    z: Array
    coefficients: Array

    def __init__(
        self, terms: Mapping[str, complex] | None = None, n_qubits: int | None = None
    ) -> None:
        """Check and pack the words."""
        if hasattr(self, "n_qubits"):
            self.__setattr__("terms", terms)
        terms = {} if terms is None else terms
        if not isinstance(terms, Mapping):
            raise TypeError(
                "terms must map words to coefficients, as {'ZZI': 1.0}; got "
                f"{_checks.shown(terms)}."
            )
        n = None if n_qubits is None else _checks.integer(n_qubits, "n_qubits")
        if not terms and n is None:
            raise ValueError("terms must hold a word, or n_qubits say on how many qubits 0 acts.")
        coefficients = np.array([number(c) for c in terms.values()], dtype=complex)
        letters = letters_of(list(terms), n)
        self._set(*packed(letters), coefficients, letters.shape[1])

    def _set(
        self, x: Array, z: Array, coefficients: Array, n_qubits: int, distinct: bool = False
    ) -> None:
        if coefficients.dtype.kind == "c" and not coefficients.imag.any():
            coefficients = coefficients.real
        if distinct:
            finite(coefficients)
            order = order_of(x, z, distinct=True)
            order = order[coefficients[order] != 0]
            x, z, coefficients = x[order], z[order], coefficients[order]
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                x, z, coefficients = merged(x, z, coefficients)
            finite(coefficients)
        for name, value in {"x": x, "z": z, "coefficients": coefficients}.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value.view())  # a view can't be made writable again
        object.__setattr__(self, "n_qubits", n_qubits)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a sum is a value, like a number."""
        raise AttributeError(f"a PauliSum can't be changed: build another one instead of {name}.")

    def __delattr__(self, name: str) -> None:
        """Refuse, as setting."""
        self.__setattr__(name, None)

    def __reduce__(self) -> Any:
        """Pickle and copy by the packed arrays."""
        return from_arrays, (self.x, self.z, self.coefficients, self.n_qubits)

    @property
    def terms(self) -> dict[str, Any]:
        """The words and their coefficients, as numbers of Python."""
        return dict(zip(words(self.x, self.z, self.n_qubits), self.coefficients.tolist(),
                        strict=True))  # fmt: skip

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.coefficients)

    def __repr__(self) -> str:
        """Return a call that builds this, shortened if long."""
        if len(self) > 8:
            return f"<PauliSum of {len(self)} terms on {self.n_qubits} qubits>"
        return f"PauliSum({self.terms}{'' if len(self) else f', n_qubits={self.n_qubits}'})"

    def __eq__(self, other: object) -> bool:
        """Return whether words and coefficients are the same, exactly."""
        if not isinstance(other, PauliSum):
            return NotImplemented
        return self.n_qubits == other.n_qubits and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("x", "z", "coefficients")
        )

    def __add__(self, other: "PauliSum") -> "PauliSum":
        """Return the sum."""
        if not isinstance(other, PauliSum):
            return NotImplemented
        _same_qubits(self, other)
        parts = ((self.x, other.x), (self.z, other.z), (self.coefficients, other.coefficients))
        x, z, c = (np.concatenate(pair) for pair in parts)
        return from_arrays(x, z, c, self.n_qubits)

    def __radd__(self, other: object) -> "PauliSum":
        """Return 0 + a, with which ``sum([a, b])`` begins."""
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: "PauliSum") -> "PauliSum":
        """Return the difference."""
        return self + (-other) if isinstance(other, PauliSum) else NotImplemented

    def __neg__(self) -> "PauliSum":
        """Return the sum with all signs turned."""
        return from_arrays(self.x, self.z, -self.coefficients, self.n_qubits)

    def __mul__(self, factor: complex) -> "PauliSum":
        """Return the sum times a number."""
        if isinstance(factor, (str, bytes, list, tuple)):  # Python says that these want integers
            raise TypeError(f"a PauliSum can be multiplied by a number; got {factor!r:.200}.")
        if not is_scalar(factor):
            return NotImplemented
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self.coefficients * number(factor)
        return from_arrays(self.x, self.z, scaled, self.n_qubits)

    __rmul__ = __mul__

    def __truediv__(self, divisor: complex) -> "PauliSum":
        """Return the sum divided by a number."""
        if not is_scalar(divisor):
            return NotImplemented
        by = number(divisor)
        if by == 0:
            raise ZeroDivisionError("a PauliSum can't be divided by 0.")
        with np.errstate(over="ignore", invalid="ignore"):
            return from_arrays(self.x, self.z, self.coefficients / by, self.n_qubits)

    def __matmul__(self, other: "PauliSum") -> "PauliSum":
        """Return the product of the operators."""
        if not isinstance(other, PauliSum):
            return NotImplemented
        return _product(self, other, anticommuting_only=False)

    def expectation(self, bits: str) -> Any:
        """Return the expectation value in a basis state such as ``"010"``, qubit 0 first.

        A float where the coefficients are real, else complex.
        """
        if not isinstance(bits, str) or len(bits) != self.n_qubits or not set(bits) <= {"0", "1"}:
            raise ValueError(
                f"bits must be a text of {self.n_qubits} characters 0 and 1; got "
                f"{_checks.shown(bits)}."
            )
        ones = columns(np.frombuffer(bits.encode(), dtype=np.uint8)[None] == ord("1"))
        diagonal = ~self.x.any(axis=1)
        parity = np.bitwise_count(self.z[diagonal] & ones).sum(axis=1) & 1
        with np.errstate(over="ignore", invalid="ignore"):
            total = (self.coefficients[diagonal] * (1.0 - 2.0 * parity)).sum()
        return finite(total).item()

    @classmethod
    def from_pennylane(cls, operator: Any, n_qubits: int | None = None) -> "PauliSum":
        """Return a PennyLane operator as a sum; its wires must be 0, 1, 2, ...

        Without ``n_qubits``, the highest wire is the last qubit.
        """
        kind = "a sum of products of Paulis"
        return from_arrays(*read(operator, n_qubits, 1, "operator", kind))

    def to_pennylane(self) -> Any:
        """Return this as a PennyLane operator on wires 0 to n_qubits - 1."""
        import pennylane as qml

        return qml.pauli.PauliSentence(
            {
                qml.pauli.PauliWord({k: p for k, p in enumerate(word) if p != "I"}): coefficient
                for word, coefficient in self.terms.items()
            }
        ).operation(range(self.n_qubits))


def commutator(a: PauliSum, b: PauliSum) -> PauliSum:
    r"""Return :math:`[A, B] = AB - BA`: twice the products of the words that anticommute.

    Parameters
    ----------
    a, b : PauliSum
        On the same number of qubits.

    Returns
    -------
    PauliSum

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above.

    Notes
    -----
    Used in the chapters *Expressibility* and *Simulability*.

    Examples
    --------
    >>> commutator(PauliSum({"XI": 1.0}), PauliSum({"ZZ": 1.0, "XX": 3.0})).terms
    {'YZ': -2j}
    """
    for name, value in {"a": a, "b": b}.items():
        if not isinstance(value, PauliSum):
            raise TypeError(f"{name} must be a PauliSum; got {_checks.shown(value)}.")
    return 2 * _product(a, b, anticommuting_only=True)


def from_arrays(
    x: Array, z: Array, coefficients: Array, n_qubits: int, *, distinct: bool = False
) -> PauliSum:
    """Return a sum of packed words, unchecked; words that occur twice are added up.

    Where all are ``distinct``, saying so saves time.
    """
    made = PauliSum.__new__(PauliSum)
    made._set(x, z, coefficients, n_qubits, distinct)
    return made


def _product(a: PauliSum, b: PauliSum, *, anticommuting_only: bool) -> PauliSum:
    _same_qubits(a, b)
    n_columns = a.x.shape[1]
    _checks.memory(len(a) * len(b) * (80 * n_columns + 80), f"{len(a)} times {len(b)} terms")
    xa, za, xb, zb = a.x[:, None], a.z[:, None], b.x[None], b.z[None]
    factors = np.array([1, 1j, -1, -1j])[power_of_i(xa, za, xb, zb)]
    if anticommuting_only:
        factors = factors * anticommute(xa, za, xb, zb)
    with np.errstate(over="ignore", invalid="ignore"):
        c = np.multiply.outer(a.coefficients, b.coefficients) * factors
    x, z = ((u ^ v).reshape(-1, n_columns) for u, v in ((xa, xb), (za, zb)))
    return from_arrays(x, z, c.reshape(-1), a.n_qubits)


def _same_qubits(a: PauliSum, b: PauliSum) -> None:
    if a.n_qubits != b.n_qubits:
        raise ValueError(
            f"both sums must act on the same qubits; got {a.n_qubits} and {b.n_qubits} of them."
        )
