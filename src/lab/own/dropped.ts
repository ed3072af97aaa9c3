/** Opens dropped files in a sandboxed frame over the page, which pauses meanwhile. */
import { notice, playing } from '../state'
import { setPlaying } from '../store/actions'

const TEXT = /\.(m?[jt]s|wgsl|json|txt)$/i
const MOST_FILES = 200
const MOST_BYTES = 4e6
const say = (text: string) => {
  notice.value = { kind: 'error', text }
}

/** What a drop brings: files, and folders with files. */
export async function openEntries(entries: FileSystemEntry[]): Promise<void> {
  const found: [path: string, file: File][] = []
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (/^(\.|node_modules$)/.test(entry.name) || found.length > MOST_FILES) return
    const path = entry.fullPath.slice(1)
    if (entry.isFile) {
      const file = entry as FileSystemFileEntry
      return void found.push([path, await new Promise<File>((resolve, reject) => file.file(resolve, reject))])
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    for (;;) {
      // At most 100 at a time.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const one of some) await visit(one)
    }
  }
  for (const entry of entries) await visit(entry)
  await openFiles(found)
}

export async function openFiles(all: [path: string, file: File][]): Promise<void> {
  if (import.meta.hot)
    return say('Dropped files work in the built lab, `npm run build`. Here: `npm start -- --env FILE`.')
  const found = all.filter(([path]) => TEXT.test(path))
  const bytes = found.reduce((sum, [, file]) => sum + file.size, 0)
  if (found.length === 0)
    return say('Drop the files of an environment: spec.ts or spec.js, its WGSL, its twin; or their folder.')
  if (found.length > MOST_FILES || bytes > MOST_BYTES) {
    return say(
      `These are ${found.length} files with ${bytes} bytes: drop the files of one environment, at most ${MOST_FILES} and ${MOST_BYTES} bytes.`,
    )
  }
  show(Object.fromEntries(await Promise.all(found.map(async ([path, file]) => [path, await file.text()]))))
}

function show(files: Record<string, string>): void {
  const wasPlaying = playing.value
  setPlaying(false)
  document.querySelector('.dropped')?.remove()
  const frame = document.createElement('iframe')
  // Scripts and nothing else: an origin of its own, without storage, downloads, popups or this page.
  frame.setAttribute('sandbox', 'allow-scripts')
  frame.title = 'The lab with the dropped environment'
  frame.src = new URL('own.html', document.baseURI).href
  const close = document.createElement('button')
  close.type = 'button'
  close.dataset.action = 'close-dropped'
  close.textContent = 'Close'
  const told = document.createElement('p')
  told.textContent = `Dropped files, in a sandbox: ${Object.keys(files).join(', ')} `
  told.append(close)
  const over = document.createElement('div')
  over.className = 'dropped'
  over.append(told, frame)
  const receive = ({ source }: MessageEvent) => {
    if (source !== frame.contentWindow) return
    removeEventListener('message', receive)
    frame.contentWindow!.postMessage(files, '*') // its origin has no name
  }
  addEventListener('message', receive)
  close.onclick = () => {
    removeEventListener('message', receive)
    over.remove()
    if (wasPlaying) setPlaying(true)
  }
  document.body.append(over)
  close.focus()
}
