/* A simulator of quantum circuits, written to be read. It does what the chapter "Circuits" does
   in Python, with the same conventions:

   - n qubits have 2^n amplitudes. Qubit 0 is the most significant bit of an amplitude's index:
     of two qubits, index 2, binary 10, means that qubit 0 is 1 and qubit 1 is 0.
   - A complex number is a pair [real part, imaginary part].
   - A gate is a matrix: a list of rows. A circuit is a list of [name, wires] or
     [name, wires, angle], where wires are numbers of qubits and angles are in radians. */

export const add = ([a, b], [c, d]) => [a + c, b + d];
export const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
export const squared = ([a, b]) => a * a + b * b; // |z|^2
const turn = (angle) => [Math.cos(angle), Math.sin(angle)]; // e^(i angle)

/* Gates. */

const real = (rows) => rows.map((row) => row.map((value) => [value, 0]));
const diagonal = (...values) => values.map((value, i) => values.map((_, j) => (i === j ? value : [0, 0])));
const r = Math.SQRT1_2;

const FIXED = {
  H: real([[r, r], [r, -r]]),
  X: real([[0, 1], [1, 0]]),
  Y: [[[0, 0], [0, -1]], [[0, 1], [0, 0]]],
  Z: diagonal([1, 0], [-1, 0]),
  S: diagonal([1, 0], [0, 1]),
  T: diagonal([1, 0], turn(Math.PI / 4)),
  CNOT: real([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
  CZ: diagonal([1, 0], [1, 0], [1, 0], [-1, 0]),
};

/* A rotation about the axis P is e^(-i angle P / 2) = cos(angle / 2) I - i sin(angle / 2) P. */
const ROTATION = {
  RX: (c, s) => [[[c, 0], [0, -s]], [[0, -s], [c, 0]]],
  RY: (c, s) => real([[c, -s], [s, c]]),
  RZ: (c, s) => diagonal([c, -s], [c, s]),
};

export const GATES = [...Object.keys(FIXED), ...Object.keys(ROTATION)];
export const turns = (name) => name in ROTATION;

/* The matrix of a gate. */
export function matrix(name, angle) {
  if (name in FIXED) return FIXED[name];
  if (!turns(name) || !Number.isFinite(angle)) throw new Error(`no gate ${name} with angle ${angle}`);
  return ROTATION[name](Math.cos(angle / 2), Math.sin(angle / 2));
}

/* States. */

export function zeroState(n) {
  return Array.from({ length: 2 ** n }, (_, index) => [index === 0 ? 1 : 0, 0]);
}

/* The state after a gate on some qubits; the first wire is the most significant bit of the
   gate's own index.

   A gate mixes amplitudes whose indices differ only in the bits of its wires: pairs of them for
   one wire, groups of four for two. So each group is multiplied by the small matrix, and no
   matrix of 2^n rows is needed. */
export function apply(state, gate, wires) {
  const n = Math.log2(state.length);
  const bits = wires.map((wire) => 1 << (n - 1 - wire));
  // Row k of the gate stands for these bits of the index.
  const parts = gate.map((_, k) => bits.reduce((sum, bit, i) => ((k >> (wires.length - 1 - i)) & 1 ? sum + bit : sum), 0));
  const after = new Array(state.length);
  for (let rest = 0; rest < state.length; rest++) {
    if (bits.some((bit) => rest & bit)) continue; // one round for each setting of the other qubits
    gate.forEach((row, k) => {
      after[rest + parts[k]] = row.reduce((sum, entry, j) => add(sum, times(entry, state[rest + parts[j]])), [0, 0]);
    });
  }
  return after;
}

/* The final state of a circuit that starts with every qubit 0. */
export function run(circuit, n) {
  return circuit.reduce((state, [name, wires, angle]) => apply(state, matrix(name, angle), wires), zeroState(n));
}

/* What can be read off a state. */

export const probabilities = (state) => state.map(squared);

/* The phase of an amplitude, between -pi and pi. */
export const phase = ([re, im]) => Math.atan2(im, re);

/* The means of X, Y and Z of each qubit alone: its Bloch vector. It has length 1 for a qubit that
   is not entangled with the others, less for one that is. */
export function blochVectors(state) {
  const n = Math.log2(state.length);
  return Array.from({ length: n }, (_, wire) => {
    const bit = 1 << (n - 1 - wire);
    const vector = [0, 0, 0];
    state.forEach((zero, index) => {
      if (index & bit) return;
      const one = state[index + bit];
      const [re, im] = times([zero[0], -zero[1]], one); // conjugate of the first times the second
      vector[0] += 2 * re;
      vector[1] += 2 * im;
      vector[2] += squared(zero) - squared(one);
    });
    return vector;
  });
}

/* 0 for a product state of two qubits, 1 for a Bell state: twice the determinant of the 2 by 2
   matrix of amplitudes. */
export function concurrence([a, b, c, d]) {
  const [re, im] = times(b, c);
  return 2 * Math.sqrt(squared(add(times(a, d), [-re, -im])));
}

/* The entropy, in bits, of a qubit whose Bloch vector has this length; of a qubit in a larger
   pure state, it is the entropy of its entanglement with the rest. */
export function entropy(length) {
  return [(1 + length) / 2, (1 - length) / 2].reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

/* Largest distance of an amplitude of one state from that of another. */
export function difference(one, other) {
  return Math.max(...one.map(([re, im], i) => Math.hypot(re - other[i][0], im - other[i][1])));
}

/* What a circuit costs. Its depth is the number of steps when gates on different qubits run at
   once. */
export function resources(circuit, n) {
  const busy = new Array(n).fill(0);
  for (const [, wires] of circuit) {
    const step = 1 + Math.max(...wires.map((wire) => busy[wire]));
    for (const wire of wires) busy[wire] = step;
  }
  return {
    qubits: n,
    depth: Math.max(...busy),
    gates: circuit.length,
    two_qubit_gates: circuit.filter(([, wires]) => wires.length === 2).length,
  };
}
