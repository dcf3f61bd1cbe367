# The table as a data frame; the normal equations written out; a record judged field by field.
# %% extrapolate
def extrapolate(scales, values, errors, *, fit="linear"):
    x, y, s = (np.array(a, dtype=float) for a in (scales, values, errors))
    if fit == "linear" or (y.min() <= 0 <= y.max()):
        w = s**-2.0
        S, Sx, Sxx = w.sum(), (w * x).sum(), (w * x * x).sum()
        D = S * Sxx - Sx**2
        return (Sxx * (w * y).sum() - Sx * (w * x * y).sum()) / D, (Sxx / D) ** 0.5
    a, e = extrapolate(x, np.log(abs(y)), s / abs(y))
    return (np.exp(a) if y[0] > 0 else -np.exp(a)), np.exp(a) * e


# %% score
def score(ideal, methods):
    import pandas as pd

    rows = []
    for name, m in methods.items():
        d = pd.Series(np.array(m["value"]) - np.array(ideal))
        e, n = pd.Series(m["error"]), pd.Series(m["shots"])
        base = pd.Series(methods["raw"]["error"]) ** 2 * pd.Series(methods["raw"]["shots"])
        rows.append(
            (
                name,
                (d**2).mean() ** 0.5,
                (e**2).mean() ** 0.5,
                (d.abs() / e <= 1.96).mean(),
                (n * e**2).sum() / base.sum(),
            )
        )
    table = pd.DataFrame(rows, columns=["method", "rms", "shot_noise", "covered", "cost"])
    table["excess"] = (table["rms"] ** 2 - table["shot_noise"] ** 2).clip(lower=0) ** 0.5
    return table


def paired(a, b):
    d = np.subtract(a, b)
    t = stats.ttest_1samp(d, 0.0).confidence_interval(0.95)
    return (t.low + t.high) / 2, (t.high - t.low) / 2


# %% record
def problems(record):
    bad = set()
    kind = record.get("kind")

    def instant(name_of):
        try:
            t = datetime.fromisoformat(name_of)
            return t.timestamp() if t.utcoffset() is not None else None
        except Exception:
            return None

    for name in ("backend", "device"):
        if type(record.get(name)) is not str or not record[name]:
            bad.add(name)
    known = kind in ["sampled simulation", "calibration-based simulation", "device"]
    if not known:
        bad.add("kind")
    wires = record.get("wires")
    if type(wires) is not list or not wires or any(wires.count(w) > 1 for w in wires):
        bad.add("wires")
    begin, end = instant(record.get("started")), instant(record.get("ended"))
    if begin is None:
        bad.add("started")
    if end is None or (begin is not None and end < begin):
        bad.add("ended")
    shots = record.get("shots")
    if not isinstance(shots, int) or isinstance(shots, bool) or shots < 1:
        bad.add("shots")
    c = record.get("counts")
    if type(c) is not dict or not c:
        bad.add("counts")
    else:
        for word, number in c.items():
            if any(bit not in "01" for bit in word) or type(number) is not int or number < 1:
                bad.add("counts")
            if "wires" not in bad and len(word) != len(wires):
                bad.add("counts")
        if not bad & {"counts", "shots"} and sum(c.values()) != shots:
            bad.add("counts")
    compiled = record.get("compiled")
    if type(compiled) is not dict or type(compiled.get("text")) is not str or not compiled["text"]:
        bad.add("compiled")
    if type(record.get("versions")) is not dict or not record["versions"]:
        bad.add("versions")
    if known:
        seed = record.get("seed")
        if not (seed is None and kind == "device") and (type(seed) is not int or seed < 0):
            bad.add("seed")
        if kind == "device" and (type(record.get("job_id")) is not str or not record["job_id"]):
            bad.add("job_id")
    if known and kind != "sampled simulation":
        q = record.get("qubits")
        unlike = type(q) is not list or not q or len(set(q)) != len(q)
        if unlike or ("wires" not in bad and len(q) != len(wires)):
            bad.add("qubits")
        cal = record.get("calibration")
        when = instant(cal.get("time")) if type(cal) is dict else None
        filled = when is not None and type(cal.get("values")) is dict and cal["values"]
        if not filled or (begin is not None and when > begin):
            bad.add("calibration")
    return list(bad)
