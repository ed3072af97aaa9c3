/** One HTML file that plays a policy, without a network: everything is in it, and its policy allows only its own scripts. */
import { createHash } from 'node:crypto'
import type { EnvSpec } from '../../src/env/contract'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import type { Contents } from '../../src/player/contents'
import css from '../../src/player/player.css?raw'
import { countIn, translate } from '../../src/translate/translate'
import { moduleOf } from '../../src/wgsl/module'
import { lineAt, WgslError } from '../../src/wgsl/tokens'
import type { PlayerScripts } from './scripts'

/** The picture of an environment as JavaScript. */
export interface TranslatedPicture {
  script: string | null
  parts: Contents['parts']
  /** Why there is none, if it has one in WGSL. */
  problem: string | null
}

export function translatedPicture(spec: EnvSpec): TranslatedPicture {
  const { code, origin } = link('env', SHADERS, envSlots(spec))
  const { named } = moduleOf(code)
  if (!spec.picture || !named.has('env_shape')) return { script: null, parts: null, problem: null }
  try {
    const [polygons, shapes] = ['NUM_POLYGONS', 'NUM_SHAPES'].map((name) => countIn(code, name))
    const wanted = ['env_shape', ...(polygons > 0 ? ['env_polygon'] : [])]
    return { script: translate(code, wanted), parts: [polygons, shapes], problem: null }
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    const { file, line } = origin[lineAt(code, error.at) - 1]
    return { script: null, parts: null, problem: `${file}:${line}: ${error.message}` }
  }
}

export function replayPage(contents: Contents, { player, envs }: PlayerScripts, picture: string | null): string {
  const start =
    'globalThis.ppoReplay = ppoPlayer.start(JSON.parse(document.getElementById("contents").textContent), ' +
    `Object.values(ppoEnvs).flat(), ${picture ?? 'null'})`
  const scripts = [player, envs, start].map(inScript)
  const style = inStyle(css)
  const csp = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return [
    ...headOf(csp, `${contents.env}: a trained policy`, [`<style>${style}</style>`]),
    '<body id="picture">',
    '<noscript>This page plays a policy with JavaScript, which is switched off.</noscript>',
    `<script type="application/json" id="contents">${inData(contents)}</script>`,
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** The beginning of a page, to the end of its head, in lines. @param more Elements behind the title. */
export const headOf = (csp: string, title: string, more: string[]): string[] => [
  '<!doctype html>',
  '<html lang="en">',
  '<head>',
  '<meta charset="utf-8">',
  `<meta http-equiv="Content-Security-Policy" content="${csp}">`,
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="referrer" content="no-referrer">',
  `<title>${escaped(title)}</title>`,
  ...more,
  '</head>',
]

/** The policy that a page of `replayPage` declares: a server sends the same. */
export const cspOf = (page: string): string => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]

export const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** JSON that cannot end its element. */
const inData = (value: object): string => JSON.stringify(value).replace(/</g, '\\u003c')

/**
 * A script that cannot end its element, nor open a comment. In strings, templates and patterns the escapes mean the same
 * characters; nowhere else do these occur in a script.
 */
const inScript = (script: string): string => script.replace(/<(?=\/script)/gi, '\\x3c').replace(/<(?=!--)/g, '\\x3c')

/** Our own style; nothing of it may end the element. */
function inStyle(style: string): string {
  if (style.includes('</')) throw new Error('player.css: has </ in it')
  return style
}
