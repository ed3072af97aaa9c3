/** The page that shows all policies of the gallery. It has no script: each picture is a page of its own, in a frame. */
import { count } from '../cli/output'
import { escaped, hashOf, headOf } from '../share/page'
import type { Entry } from './entries'
import css from './gallery.css?raw'

export interface Card {
  id: string
  /** Of its files. */
  name: string
  /** Null: it has no trained policy yet. */
  entry: Entry | null
  rewardThreshold: number | null
  /** Whether there is a learning curve. */
  curve: boolean
}

/** `500.0 +- 0.0: mean return and standard deviation of 100 episodes, evaluated on 2026-11-27.` */
export const scoreText = ({ meanReturn, stdReturn, episodes, date }: Entry): string =>
  `${meanReturn.toFixed(1)} +- ${stdReturn.toFixed(1)}: mean return and standard deviation of ${episodes} episodes ` +
  `with deterministic actions, ${date}.`

/** `Trained for 69,632 of 300,000 steps on google swiftshader (software).` */
function trainedText({ steps, totalTimesteps, adapter, bestOf }: Entry): string {
  const whole = steps > 0.99 * totalTimesteps ? '' : ` of ${count(totalTimesteps)}`
  const best = bestOf > 1 ? `, the best of ${bestOf} agents` : ''
  return `Trained for ${count(steps)}${whole} steps on ${adapter}${best}.`
}

/** @param without Environments that have neither a policy nor a curve. */
export function galleryPage(cards: Card[], without: string[]): string {
  const csp = [
    "default-src 'none'",
    `style-src ${hashOf(css)}`,
    "img-src 'self' data:",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const playing = cards.filter(({ entry }) => entry).length
  return [
    ...headOf(csp, 'ppo-webgpu: gallery', ['<link rel="icon" href="data:,">', `<style>${css}</style>`]),
    '<body>',
    '<header>',
    '<h1>Gallery</h1>',
    `<p>${playing} policies that ppo-webgpu trained, playing in this page. Each picture moves while it is seen. Open one to push`,
    'it, and to change its environment.</p>',
    '</header>',
    '<main>',
    ...cards.map(cardOf),
    '</main>',
    ...(without.length > 0 ? [`<footer><p>Not trained yet: ${without.map(escaped).join(', ')}.</p></footer>`] : []),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function cardOf({ id, name, entry, rewardThreshold, curve }: Card): string {
  const [told, file] = [escaped(id), escaped(name)]
  const solved = rewardThreshold === null ? '' : ` It counts as solved at ${rewardThreshold}.`
  return [
    '<article>',
    `<h2>${told}</h2>`,
    ...(entry
      ? [
          // Of another origin: it cannot reach this page, and browsers stop it while it is not seen.
          `<iframe src="${file}.html#picture" title="${told}, played by its policy" loading="lazy" sandbox="allow-scripts"></iframe>`,
          `<p><a href="${file}.html">Play with ${told}</a></p>`,
          `<p>${escaped(scoreText(entry))}${solved}</p>`,
          `<p>${escaped(trainedText(entry))}</p>`,
          `<pre><code>${escaped(entry.command)}</code></pre>`,
        ]
      : [`<p>Not trained yet: there is no policy to show, only the learning curve of other runs.${solved}</p>`]),
    ...(curve
      ? [`<img src="${file}.svg" alt="The return of ${told} while it learned" loading="lazy" width="800" height="460">`]
      : []),
    '</article>',
  ].join('\n')
}
