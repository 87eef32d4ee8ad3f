import React from 'react'

type Props = { items: string[]; onPick: (item: string) => void }

/** Shows items. */
export const List: React.FC<Props> = ({ items, onPick }) => {
  const [picked, setPicked] = React.useState<string | null>(null)
  const pick = (item: string) => { setPicked(item); onPick(item) }
  return (
    <ul className="list">
      {items.map((item) => <li key={item} onClick={() => pick(item)}>{item}</li>)}
    </ul>
  )
}

export default function Empty() {
  return <p>There is nothing here.</p>
}
