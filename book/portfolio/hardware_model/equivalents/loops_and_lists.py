# Plain Python loops; lists back instead of arrays; sums over strings instead of matrices.
# %% expectation
def expectation(counts, wires):
    plus = minus = 0
    for word, n in counts.items():
        odd = False
        for wire in wires:
            odd ^= word[wire] == "1"
        if odd:
            minus += n
        else:
            plus += n
    n = plus + minus
    # One imaginary shot of each sign.
    p = (plus + 1) / (n + 2)
    return [(plus - minus) / n, 2 * (p * (1 - p) / n) ** 0.5]


# %% readout
def _inverse(matrix):
    (a, b), (c, d) = matrix
    det = a * d - b * c
    return [[d / det, -b / det], [-c / det, a / det]]


def invert_readout(counts, confusion):
    n = len(confusion)
    inverses = [_inverse(matrix) for matrix in confusion]
    total = sum(counts.values())
    result = [0.0] * 2**n
    for i in range(2**n):
        true = format(i, f"0{n}b")
        for read, count in counts.items():
            factor = 1.0
            for k in range(n):
                factor *= inverses[k][int(true[k])][int(read[k])]
            result[i] += factor * count / total
    return result


def readout_expectation(counts, confusion, wires):
    # Wires that were not chosen drop out: the columns of an inverse sum to 1.
    inverses = [_inverse(confusion[k]) for k in wires]
    each = {}
    for i in range(2 ** len(wires)):
        word = format(i, f"0{len(wires)}b")
        each[word] = 1.0
        for bit, inverse in zip(word, inverses, strict=True):
            each[word] *= inverse[0][int(bit)] - inverse[1][int(bit)]
    total, first, second = 0, 0.0, 0.0
    for word, count in counts.items():
        g = each["".join(word[k] for k in wires)]
        total, first, second = total + count, first + count * g, second + count * g**2
    ends = max(each.values()), min(each.values())
    mean = (first + sum(ends)) / (total + 2)
    variance = (second + sum(g**2 for g in ends)) / (total + 2) - mean**2
    return first / total, (variance / total) ** 0.5


# %% score
def score(ideal, methods):
    table = []
    for name in methods:
        value, error, shots = (methods[name][key] for key in ("value", "error", "shots"))
        base = methods["raw"]
        square = noise = price = base_price = inside = 0
        for p in range(len(ideal)):
            d = value[p] - ideal[p]
            square, noise = square + d**2, noise + error[p] ** 2
            price += shots[p] * error[p] ** 2
            base_price += base["shots"][p] * base["error"][p] ** 2
            inside += -1.96 * error[p] <= d <= 1.96 * error[p]
        n = len(ideal)
        table.append(
            {
                "cost": price / base_price,
                "covered": inside / n,
                "rms": (square / n) ** 0.5,
                "shot_noise": (noise / n) ** 0.5,
                "excess": (square / n - noise / n) ** 0.5 if square > noise else 0,
                "method": name,
            }
        )
    return table


def paired(a, b):
    d = [x - y for x, y in zip(a, b, strict=True)]
    low, high = stats.t.interval(0.95, len(d) - 1, loc=np.mean(d), scale=stats.sem(d))
    return [np.mean(d), (high - low) / 2]
