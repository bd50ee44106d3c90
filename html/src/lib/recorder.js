/*
 * recorder - what somebody says, as a file. There is none without a secure
 * context (https or localhost), where browsers give no microphone.
 */

/* What browsers make, and how such a file's name ends where sound alone is in it. */
const TYPES = [
  ['audio/webm;codecs=opus', 'weba'],
  ['audio/ogg;codecs=opus', 'ogg'],
  ['audio/mp4', 'm4a'],
];
const BITS = 32000; // a second
const PIECE_MS = 1000;

const typeHere = () => TYPES.find(([type]) => globalThis.MediaRecorder?.isTypeSupported(type));

export const canRecord = () =>
  Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia && typeHere());

/* Asks for the microphone, where nobody has yet. -> {finish(name), cancel()} of
 * what is recorded from now on; finish gives the file. */
export async function startRecording() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const [type, ending] = typeHere();
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const ended = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start(PIECE_MS);

  async function stop() {
    if (recorder.state !== 'inactive') recorder.stop();
    await ended;
    for (const track of stream.getTracks()) track.stop();
  }

  return {
    cancel: stop,
    finish: async (name) => {
      await stop();
      return new File(pieces, `${name}.${ending}`, { type: type.split(';')[0] });
    },
  };
}
