/** Why the run does not learn, in words: nothing while it does. */
import { config, standing } from '../state'

/** On the site the lab is beside the documents; `npm start` serves the files of the repository. */
const href = (link: string): string =>
  /\/lab\/(index\.html)?$/.test(location.pathname)
    ? link.replace(/^docs\/troubleshooting\.md/, '../documents/Troubleshooting.html')
    : link

export function Diagnosis() {
  const found = standing.value?.diagnosis ?? []
  const who = (config.value?.numAgents ?? 1) > 1 ? 'Agent 0: ' : ''
  return (
    <div class="diagnosis" role="status">
      {found.map(({ id, text, link }) => (
        <p class="hint" key={id} data-diagnosis={id}>
          {who}
          {text} <a href={href(link)}>Why?</a>
        </p>
      ))}
    </div>
  )
}
