/* Energy of a molecule against bond length by method, with noise on a switch. */
/* global Plot */
import { COLORS, DASHES, SYMBOLS, legend, number } from "./kit.js";

const METHODS = ["Hartree–Fock", "CISD", "CCSD", "UCC", "exact", "unrestricted HF"];
const NOISY = ["noisy, textbook", "noisy, short"];
const ALL = [...METHODS, ...NOISY];
const ACCURATE = 1.6; // millihartree
const colors = [...COLORS, "#b8860b", "#8c564b", "#7f7f7f"];
const dashes = [...DASHES, "6 2 1 2", "1 5", "12 2 2 2"];
const symbols = [...SYMBOLS, "times", "cross", "wye"];

export default function (stage, data) {
  const rows = data.energy.map((energy, i) => ({
    molecule: data.molecule[i],
    length: data.length[i],
    method: data.method[i],
    error: data.error[i],
    energy,
  }));
  const molecules = [...new Set(rows.map((r) => r.molecule))];
  const molecule = stage.choice({ label: "Molecule", options: molecules.map((m) => [m, m]) });
  const shown = stage.choice({ label: "Show", options: [["energy", "energy"], ["error", "error against exact"]] });
  const noise = stage.toggle({ label: "noise (H2 only)", value: false });
  const on = Object.fromEntries(METHODS.map((m) => [m, stage.toggle({ label: m, value: true })]));

  stage.draw(() => {
    const chosen = ALL.filter((m) => (NOISY.includes(m) ? noise.value && molecule.value === "H2" : on[m].value));
    const error = shown.value === "error";
    const part = rows
      .filter((r) => r.molecule === molecule.value && chosen.includes(r.method))
      .sort((a, b) => ALL.indexOf(a.method) - ALL.indexOf(b.method) || a.length - b.length);
    const y = error ? "error" : "energy";
    const view = stage.plot({
      x: { label: "bond length, angstrom" },
      y: { label: error ? "error, millihartree" : "energy, hartree" },
      color: { domain: ALL, range: colors },
      symbol: { domain: ALL, range: symbols },
      marginLeft: 55,
      marks: [
        Plot.gridY(),
        ...(error ? [Plot.ruleY([ACCURATE, -ACCURATE], { strokeDasharray: "2,3" })] : []),
        ...chosen.map((m) =>
          Plot.line(part.filter((r) => r.method === m), { x: "length", y, stroke: "method", strokeDasharray: dashes[ALL.indexOf(m)], strokeWidth: 2 }),
        ),
        Plot.dot(part, { x: "length", y, stroke: "method", fill: "method", symbol: "method", r: 4 }),
        Plot.tip(part, Plot.pointer({ x: "length", y, title: (r) => `${r.method}, ${number(r.length, 3)} angstrom\n${number(r.energy, 6)} hartree\n${number(r.error, 3)} mHa from exact` })),
      ],
    });
    const key = legend(
      chosen.map((text) => {
        const i = ALL.indexOf(text);
        return { text, color: colors[i], dash: dashes[i], symbol: symbols[i] };
      }),
    );
    const good = chosen.filter((m) => m !== "exact" && part.filter((r) => r.method === m).every((r) => Math.abs(r.error) <= ACCURATE));
    const bad = chosen.filter((m) => m !== "exact" && !good.includes(m));
    const list = (names) => (names.length ? names.join("; ") : "none");
    const note = noise.value && molecule.value !== "H2" ? " Noise was simulated for H2 only." : "";
    return {
      view: [key, view],
      say: chosen.length
        ? `${molecule.value}: within 1.6 millihartree at all lengths: ${list(good)}. Further off at some length: ${list(bad)}.${note}`
        : "No method is chosen.",
      table: {
        head: ["method", "bond length", "energy", "error in mHa"],
        rows: part.map((r) => [r.method, r.length, number(r.energy, 5), number(r.error, 3)]),
      },
    };
  });
}
