import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A modal dialog. Escape, its button or a press beside it close it; the focus goes back to where it came from. */
export function Dialog(props: {
  name: string
  title: ComponentChildren
  open: boolean
  onClose: () => void
  children: ComponentChildren
}) {
  const { name, title, open, onClose, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current!
    if (open && !element.open) element.showModal()
    if (!open) element.close()
  }, [open])
  useEffect(() => {
    const element = dialog.current!
    const beside = (event: MouseEvent) => event.target === element && element.close()
    element.addEventListener('click', beside)
    return () => element.removeEventListener('click', beside)
  }, [])
  return (
    <dialog ref={dialog} class={name} aria-labelledby={`${name}-title`} onClose={onClose}>
      {/* Fills the dialog: a press beside the text is not one beside the dialog. */}
      <div class="inside">
        <h2 id={`${name}-title`}>{title}</h2>
        {children}
        <p>
          <button type="button" class="close" onClick={() => dialog.current!.close()}>
            Close
          </button>
        </p>
      </div>
    </dialog>
  )
}
