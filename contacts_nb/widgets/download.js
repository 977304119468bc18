// Puts the pieces of a file together as they come and saves it; each piece is asked for, so that none waits in memory.
function initialize({ model }) {
  let pieces = [];
  const told = ({ name, kind, piece, last }, buffers) => {
    if (piece === 0) pieces = [];
    pieces.push(...buffers);
    if (!last) return model.send({ next: piece + 1 });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(pieces, { type: kind }));
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    pieces = [];
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // saving a large file takes a while
    model.send({ saved: true });
  };
  model.on("msg:custom", told);
  return () => model.off("msg:custom", told);
}

export default { initialize };
