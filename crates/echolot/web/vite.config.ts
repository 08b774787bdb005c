// How the page is built: into `dist`, from where the program takes it.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` asks; `echolot serve` listens there. */
const server = process.env.PAGE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist',
    // The folder holds a file that git keeps.
    emptyOutDir: false,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The content security policy allows no inlined fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': server, '/openapi.json': server } },
  test: { environment: 'node' },
});
