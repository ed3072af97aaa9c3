/** A Vite plugin for the lab's server: `npm start -- --env FILE` opens the user's own environment. */
import { pathToFileURL } from 'node:url'

/** What start.js tells vite.config.ts: the text of `--env`, and the program that serves it. */
export const ENV_VARIABLE = 'PPO_WEBGPU_ENV'
export const SERVE_VARIABLE = 'PPO_WEBGPU_SERVE'

/** Nothing without `--env`. */
export const ownEnv = () =>
  process.env[ENV_VARIABLE] !== undefined && {
    name: 'own-env',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace('./src/lab/main.tsx', './src/lab/own/served.tsx'),
    async configureServer(server) {
      const { serveOwn } = await import(pathToFileURL(process.env[SERVE_VARIABLE]).href)
      try {
        await serveOwn(server, process.env[ENV_VARIABLE])
      } catch (error) {
        if (!['UsageError', 'ConfigError'].includes(error.name)) throw error
        console.error(`error: ${error.message}`)
        process.exit(2)
      }
    },
  }
