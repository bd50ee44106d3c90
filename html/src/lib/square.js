/* square - of a picture that somebody chose, what a round one needs: its middle,
 * small. A camera's is turned as it should be, and says no more where it was. */

const SIDE = 384; // pixels

export async function squareOf(file) {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const from = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext('2d').drawImage(bitmap, ...from, side, side, 0, 0, SIDE, SIDE);
  bitmap.close();
  const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg';
  const blob = await new Promise((resolve) => {
    canvas.toBlob(resolve, type, 0.9);
  });
  return new File([blob], 'picture', { type });
}
