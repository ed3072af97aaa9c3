import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { bareWgsl, describedEnvs } from './harness/vite/barewgsl.js'
import { ownEnv } from './harness/vite/ownenv.js'
import { ownFrame } from './harness/vite/ownframe.js'
import { tabPage } from './harness/vite/tabpage.js'

/** A link to this checkout, where its own path is not for Vite: harness/vite/plainpath.js. */
const linked = process.env.PPO_WEBGPU_LINK

/** What `npm test` leaves to `npm run test:slow`. */
const SLOW = ['test/**/*.slow.test.ts']
const WITHOUT_GPU = ['test/{reference,unit,envs}/**/*.test.ts']
const WITH_GPU = ['test/{kernels,gpu,harness,lab}/**/*.test.ts']
/** Chrome over a pipe cannot be shared between processes: one worker, one browser, one file after the other. */
const ONE_BROWSER = { globalSetup: 'test/support/build.ts', fileParallelism: false, isolate: false }

// The lab: `vite` serves it, `vite build` makes the static site. Everything else is built by harness/build.js.
export default defineConfig({
  base: './',
  // The examples import the library as its users do.
  resolve: {
    alias: { 'ppo-webgpu': join(linked ?? fileURLToPath(new URL('.', import.meta.url)), 'src/index.ts') },
    preserveSymlinks: linked !== undefined,
  },
  server: { host: '127.0.0.1', watch: { ignored: ['**/runs/**', '**/dist/**', '**/harness/results/**'] } },
  build: { outDir: 'dist/lab', target: 'es2022', modulePreload: false },
  plugins: [describedEnvs(), bareWgsl(), ownEnv(), ownFrame(), tabPage()],
  worker: { format: 'es', plugins: () => [bareWgsl()] },
  test: {
    // No claim about speed: other work on a machine makes everything slow.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    reporters: ['default', './test/support/slowest.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: WITHOUT_GPU, exclude: SLOW, isolate: false } },
      { extends: true, test: { name: 'gpu', include: WITH_GPU, exclude: SLOW, ...ONE_BROWSER } },
      { extends: true, test: { name: 'slow', include: SLOW, testTimeout: 600_000, ...ONE_BROWSER } },
      // What `new-env` wrote in this checkout: `npx vitest run my-game`.
      {
        extends: true,
        test: { name: 'own', include: ['**/*.test.ts'], exclude: ['test/**', 'dist/**', '**/node_modules/**'] },
      },
    ],
  },
})
