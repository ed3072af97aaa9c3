import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  // The dev server would put the library into one file, away from its Worker.
  optimizeDeps: { exclude: ['ppo-webgpu'] },
  worker: { format: 'es' },
})
