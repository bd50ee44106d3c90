import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { emojiPlugin } from './emoji.js';
import { firstPlugin } from './first.js';
import { facePlugin } from './font.js';
import { gzipPlugin } from './gzip.js';
import { workerPlugin } from './worker.js';

/* One line per page: what is there under /NAME, and under / the messenger. */
const entries = {
  index: 'index.html',
  client: 'client.html',
  server: 'server.html',
};

const server = process.env.PALABRE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './', // the page works below any path
  plugins: [vue(), facePlugin(), emojiPlugin(), firstPlugin(), workerPlugin(), gzipPlugin()],
  build: {
    target: 'es2022',
    /* The CSP allows no data: but for images, and no inline anything. */
    assetsInlineLimit: 0,
    rollupOptions: { input: entries },
  },
  server: {
    /* `npm run dev` beside a running Palabre */
    proxy: {
      '/api': server,
      '/socket.io': { target: server, ws: true },
    },
  },
});
