import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The lab: `vite` serves it, `vite build` makes the static site. Everything else is built by harness/build.js.
export default defineConfig({
  base: './',
  // The examples import the library as its users do.
  resolve: { alias: { 'ppo-webgpu': fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  server: { host: '127.0.0.1', watch: { ignored: ['**/runs/**', '**/dist/**', '**/harness/results/**'] } },
  build: { outDir: 'dist/lab', target: 'es2022', modulePreload: false },
  worker: { format: 'es' },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{reference,unit,envs}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Chrome over a pipe cannot be shared between processes: one worker, one browser, one file after the other.
          name: 'gpu',
          include: ['test/{kernels,gpu,harness,lab}/**/*.test.ts'],
          globalSetup: 'test/support/build.ts',
          setupFiles: [],
          fileParallelism: false,
          isolate: false,
        },
      },
    ],
  },
})
