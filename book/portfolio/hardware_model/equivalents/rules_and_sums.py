# Rules as a table of functions, exact fractions, closed sums for the line, NumPy's percentiles.
# %% expectation
from fractions import Fraction


def expectation(counts, wires):
    shots = sum(counts.values())
    odd = sum(n for word, n in counts.items() if [word[k] for k in wires].count("1") % 2)
    value = Fraction(shots - 2 * odd, shots)
    m = value * shots / (shots + 2)
    return float(value), float((1 - m**2) / shots) ** 0.5


# %% record
def problems(record):
    kind, started, wires = (record.get(key) for key in ("kind", "started", "wires"))
    kinds = ["sampled simulation", "calibration-based simulation", "device"]
    shots = record.get("shots")

    def moment(value):
        if not isinstance(value, str):
            return None
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
        return value.timestamp() if value.utcoffset() is not None else None

    def is_text(value):
        return type(value) is str and len(value) > 0

    def is_dict(value):
        return type(value) is dict and value != {}

    def is_list(value):
        return type(value) is list and value != [] and all(value.count(v) == 1 for v in value)

    def after(value):
        begin = moment(started)
        return moment(value) is not None and (begin is None or moment(value) >= begin)

    def is_calibration(value):
        if type(value) is not dict or not is_dict(value.get("values")):
            return False
        when, begin = moment(value.get("time")), moment(started)
        return when is not None and (begin is None or begin >= when)

    def are_counts(value):
        if not is_dict(value) or any(type(n) is not int or n <= 0 for n in value.values()):
            return False
        if any(character not in "01" for word in value for character in word):
            return False
        if is_list(wires) and {len(word) for word in value} != {len(wires)}:
            return False
        good = type(shots) is int and shots > 0
        return not good or sum(value.values()) == shots

    rules = {
        "backend": is_text,
        "device": is_text,
        "kind": lambda value: any(value == known for known in kinds),
        "wires": is_list,
        "compiled": lambda value: is_dict(value) and is_text(value.get("text")),
        "shots": lambda value: type(value) is int and value > 0,
        "counts": are_counts,
        "versions": is_dict,
        "started": lambda value: moment(value) is not None,
        "ended": after,
    }
    if rules["kind"](kind):
        on_device = kind == "device"
        rules["seed"] = lambda value: (
            (type(value) is int and value >= 0) or (on_device and value is None)
        )
        if on_device:
            rules["job_id"] = is_text
        if kind != kinds[0]:
            rules["qubits"] = lambda value: (
                is_list(value) and (not is_list(wires) or len(value) == len(wires))
            )
            rules["calibration"] = is_calibration
    return sorted(name for name, rule in rules.items() if not rule(record.get(name)))


# %% extrapolate
def extrapolate(scales, values, errors, *, fit="linear"):
    x, y, s = (np.array(a, dtype=float) for a in (scales, values, errors))
    if fit == "exponential" and (np.all(y > 0) or np.all(y < 0)):
        log, spread = extrapolate(x, np.log(np.abs(y)), s / np.abs(y))
        return [float(np.copysign(np.exp(log), y[-1])), float(np.exp(log) * spread)]
    w = s**-2.0
    n, sx, sy, sxx, sxy = w.sum(), w @ x, w @ y, w @ x**2, w @ (x * y)
    determinant = n * sxx - sx**2
    return [(sxx * sy - sx * sxy) / determinant, np.sqrt(sxx / determinant)]
