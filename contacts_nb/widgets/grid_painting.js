// Lumino (2) copies each cell by itself from its buffer to the screen. Each copy costs one of the whole buffer where no
// graphics card holds it, two milliseconds and more: all cells of a region are copied at once instead.
function paintRegionsAtOnce(grid) {
  const { _drawCells: draw, _blitContent: copy } = grid ?? {};
  if (!draw || !copy || Object.hasOwn(grid, "_drawCells")) return;
  grid._drawCells = function (region) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    this._blitContent = (_buffer, x, y, width, height) => {
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
    };
    try {
      draw.call(this, region);
    } finally {
      delete this._blitContent;
    }
    if (right > left && bottom > top) copy.call(this, this._buffer, left, top, right - left, bottom - top, left, top);
  };
}
