/** The files of the gallery's site: a page for each policy that plays, and one that shows them all. */
import { readFileSync } from 'node:fs'
import { ENVS } from '../../envs/registry'
import { contentsOf } from '../share/contents'
import { replayPage, translatedPicture } from '../share/page'
import { envScript, playerScript } from '../share/player.js'
import { type Entry, galleryFolder, openEntry, plainName, readEntries, recordedCurve } from './entries'
import { type Card, galleryPage, scoreText } from './page'

/** Paths from the folder of the gallery, and contents. */
export async function gallerySite(root: string): Promise<Map<string, string | Uint8Array>> {
  const folder = galleryFolder(root)
  const entries = readEntries(folder)
  const files = new Map<string, string | Uint8Array>()
  const cards: Card[] = []
  const without: string[] = []
  for (const { id, rewardThreshold } of ENVS) {
    const entry = entries.find(({ env }) => env === id) ?? null
    const curve = recordedCurve(root, id)
    if (!entry && !curve) without.push(id)
    else cards.push({ id, name: plainName(id), entry, rewardThreshold, curve: !!curve })
    if (curve) files.set(`${plainName(id)}.svg`, new Uint8Array(readFileSync(curve)))
  }
  const player = await playerScript(root)
  const envs = new Map<string, string>()
  for (const entry of entries) {
    const { found, spec } = openEntry(folder, entry)
    const module = spec.wgslFile.split('/')[1]
    if (!envs.has(module)) envs.set(module, await envScript(root, module))
    const picture = translatedPicture(spec)
    if (picture.problem) throw new Error(`${spec.id}: has no picture without WebGPU: ${picture.problem}`)
    const contents = contentsOf(found, spec, picture, factsOf(entry))
    files.set(`${plainName(spec.id)}.html`, replayPage(contents, { player, envs: envs.get(module)! }, picture.script))
  }
  files.set('index.html', galleryPage(cards, without))
  return files
}

const factsOf = (entry: Entry): string[] => [scoreText(entry), `Trained by: ${entry.command}`]
