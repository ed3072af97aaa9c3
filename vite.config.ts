import { defineConfig } from 'vitest/config'

export default defineConfig({
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
          include: ['test/{kernels,gpu,harness}/**/*.test.ts'],
          globalSetup: 'test/support/build.ts',
          setupFiles: [],
          fileParallelism: false,
          isolate: false,
        },
      },
    ],
  },
})
