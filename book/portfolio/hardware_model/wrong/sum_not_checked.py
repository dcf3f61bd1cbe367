# Doesn't compare the counts with the shots.
# loses: record.counts
# hint: sum to
# %% record
def problems(record):
    get = record.get

    def text(value):
        return isinstance(value, str) and value != ""

    def whole(value, least):
        return type(value) is int and value >= least

    def filled(value):
        return isinstance(value, dict) and len(value) > 0

    def different(value):
        return isinstance(value, list) and 0 < len(value) == len(set(map(str, value)))

    def time(value):
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        return found if found.tzinfo is not None else None

    kinds = ("sampled simulation", "calibration-based simulation", "device")
    fine = {name: text(get(name)) for name in ("backend", "device")}
    fine["kind"] = get("kind") in kinds
    fine["wires"] = different(get("wires"))
    fine["compiled"] = filled(get("compiled")) and text(get("compiled").get("text"))
    fine["shots"] = whole(get("shots"), 1)
    fine["versions"] = filled(get("versions"))
    started, ended = time(get("started")), time(get("ended"))
    fine["started"] = started is not None
    fine["ended"] = ended is not None and (started is None or ended >= started)
    n = len(get("wires")) if fine["wires"] else None

    def word(key):
        return isinstance(key, str) and set(key) <= {"0", "1"} and n in (None, len(key))

    counts = get("counts")
    fine["counts"] = filled(counts) and all(
        word(key) and whole(value, 1) for key, value in counts.items()
    )
    if fine["kind"]:
        on_device = get("kind") == kinds[2]
        fine["seed"] = whole(get("seed"), 0) or (on_device and get("seed") is None)
        fine["job_id"] = text(get("job_id")) or not on_device
    if fine["kind"] and get("kind") != kinds[0]:
        fine["qubits"] = different(get("qubits")) and n in (None, len(get("qubits")))
        found = get("calibration")
        when = time(found.get("time")) if isinstance(found, dict) else None
        fine["calibration"] = (
            when is not None
            and filled(found.get("values"))
            and (started is None or when <= started)
        )
    return sorted(name for name, is_fine in fine.items() if not is_fine)
