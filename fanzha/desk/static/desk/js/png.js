// The picture of the fund flow as PNG: the SVG that the server keeps and records, drawn here, since
// this machine has the fonts. Without script the link is not shown; the SVG beside it is.

const SCALE = 2;
const LONGEST = 16_384;
const MOST = 1 << 27;

async function drawn(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
  await image.decode();
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const fits = Math.min(LONGEST / width, LONGEST / height, Math.sqrt(MOST / (width * height)));
  const scale = Math.min(SCALE, fits);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.floor(width * scale), Math.floor(height * scale)];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

document.querySelectorAll("[data-png]").forEach((link) => {
  link.parentElement.hidden = false;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const address = URL.createObjectURL(await drawn(link.href));
    const file = document.createElement("a");
    [file.href, file.download] = [address, link.dataset.png];
    file.click();
    URL.revokeObjectURL(address);
  });
});
