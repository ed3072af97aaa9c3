/**
 * The Worker itself, written so that bundlers find its script. In dist/ the script is `./worker.js`:
 * harness/build/library.js puts that in place of this file.
 */
export const startWorker = (name: string): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name })
