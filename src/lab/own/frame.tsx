/** The page in the sandboxed frame: the whole lab, with the environment of the files that the page around it sends. */
import '../lab.css'
import { render } from 'preact'
import { sourceHash } from '../../env/source'
import { App } from '../app'
import { own } from '../environments'
import { messageOf } from '../format'
import { Missing } from '../panels/missing'
import { notice } from '../state'
import { whyMissing } from '../support'
import { startThreadsBy } from '../thread'
import { startInPage } from './inpage'
import { type Files, loadDropped } from './modules'
import { Wrong } from './wrong'

const root = document.getElementById('lab')!

async function open(files: Files): Promise<void> {
  const reason = await whyMissing()
  if (reason) return render(<Missing reason={reason} />, root)
  try {
    const { named, file } = loadDropped(files)
    own.value = { spec: named.spec, file, source: sourceHash(named.spec) }
  } catch (error) {
    return render(<Wrong text={messageOf(error)} advice="Mend it, close this, and drop the files again." />, root)
  }
  startThreadsBy(startInPage)
  render(<App />, root)
}

addEventListener('securitypolicyviolation', ({ blockedURI, sourceFile, lineNumber }) => {
  const place = sourceFile && lineNumber ? ` (${sourceFile}:${lineNumber})` : ''
  notice.value = { kind: 'error', text: `Dropped files have no network: ${blockedURI} was refused${place}.` }
})
addEventListener('message', ({ source, data }: MessageEvent<Files>) => {
  if (source === parent) void open(data)
})
parent.postMessage('ready', '*')
