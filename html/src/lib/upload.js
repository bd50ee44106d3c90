/*
 * upload - the bytes of a file to the server, as fast as they are taken, with
 * how far they have come: fetch() does not tell.
 */

import { ApiError, errorOf } from './api-error.js';
import { under } from './base.js';

const STALL_MS = 45000; // without a byte taken or an answer

/* onProgress(0..1). -> {answer: a promise, cancel()}; the ApiErrors are those
 * of api.js, and `cancelled`. */
export function upload(path, file, { token, onProgress }) {
  const request = new XMLHttpRequest();
  let code = 'offline';
  let timer = null;

  function end(reason) {
    code = reason;
    request.abort();
  }
  function alive() {
    clearTimeout(timer);
    timer = setTimeout(end, STALL_MS, 'timeout');
  }

  const answer = new Promise((resolve, reject) => {
    const fail = () => reject(new ApiError({ code }));
    request.onload = () => {
      const { status, response } = request;
      if (status === 201 && response?._id) resolve(response);
      else reject(errorOf(status, response));
    };
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => clearTimeout(timer);
    request.upload.onprogress = ({ loaded, total }) => {
      alive();
      onProgress(total ? loaded / total : 0);
    };
    request.open('POST', under(path));
    request.responseType = 'json';
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    alive();
    request.send(file);
  });
  return { answer, cancel: () => end('cancelled') };
}
