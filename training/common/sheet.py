"""Contact sheets: many small pictures in one PNG, to be looked at."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw


def save_sheet(
    images: torch.Tensor, columns: int, path: Path, scale: int = 3, titles: list[str] | None = None
) -> None:
    """Write [N,C,H,W] in [-1,1] as rows of `columns`; `titles` names the rows (drawn on the left)."""
    pixels = ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    margin = 110 if titles else 0
    sheet = Image.new("RGB", (margin + columns * (width * scale + 2), rows * (height * scale + 2)), "white")
    draw = ImageDraw.Draw(sheet)
    for index in range(count):
        picture = np.transpose(pixels[index], (1, 2, 0))
        if channels == 1:
            picture = np.repeat(picture, 3, axis=2)
        tile = Image.fromarray(picture).resize((width * scale, height * scale), Image.Resampling.NEAREST)
        row, column = divmod(index, columns)
        sheet.paste(tile, (margin + column * (width * scale + 2), row * (height * scale + 2)))
    for row, title in enumerate(titles or []):
        draw.text((4, row * (height * scale + 2) + height * scale // 2 - 6), title[:18], fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.png")
    sheet.save(temporary)
    temporary.replace(path)
