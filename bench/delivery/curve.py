"""Draws the cost of a row against millions of rows, as an SVG without scripts or fonts of its own."""

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 360, 64, 44, 40, 20


def draw(costs: list[tuple[float, float]], zh: str, en: str) -> str:
    """`costs`: millions of rows, and CPU µs a row; `zh` and `en` say what the millions are."""
    most_x, most_y = max(x for x, _ in costs), max(y for _, y in costs) * 1.25
    across = lambda x: LEFT + x / most_x * (WIDTH - LEFT - RIGHT)
    up = lambda y: HEIGHT - BOTTOM - y / most_y * (HEIGHT - BOTTOM - TOP)
    step_y = next(s for s in (0.5, 1, 2, 5, 10, 20, 50) if most_y / s <= 8)
    step_x = next(s for s in (1, 2, 5, 10, 20, 25, 50) if most_x / s <= 10)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f"<title>CPU µs a row, by {en}: {costs[0][1]:.1f} at {costs[0][0]:.0f} million, {costs[-1][1]:.1f} at {costs[-1][0]:.0f} million</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" fill="#1b2733">每行处理器时间（微秒）与{zh} / CPU µs a row, by {en}</text>',
    ]
    y = 0.0
    while y <= most_y:
        lines.append(f'<path d="M{LEFT} {up(y):.1f}H{WIDTH - RIGHT}" stroke="#d8dee4"/><text x="{LEFT - 8}" y="{up(y) + 4:.1f}" text-anchor="end" fill="#4a5763">{y:g}</text>')
        y += step_y
    x = step_x
    while x <= most_x:
        lines.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#4a5763">{x:g}</text>')
        x += step_x
    path = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in costs)
    lines.append(f'<path d="M{path}" fill="none" stroke="#0b6e99" stroke-width="2"/>')
    lines += [f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="2.5" fill="#0b6e99"/>' for x, y in costs]
    return "\n".join(lines + ["</svg>", ""])
