// Who is next: those who wait, taken from each group in turn, so that a group of a thousand does not come before a group of one.

export class Turns<Group, Item> {
  /** In the order of their turns; none is empty. */
  readonly #groups = new Map<Group, Item[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(group: Group, item: Item): void {
    const items = this.#groups.get(group);
    if (items === undefined) this.#groups.set(group, [item]);
    else items.push(item);
    this.#length++;
  }

  take(): Item | undefined {
    for (const [group, items] of this.#groups) {
      const item = items.shift()!;
      this.#groups.delete(group);
      if (items.length > 0) this.#groups.set(group, items);
      this.#length--;
      return item;
    }
    return undefined;
  }

  /** Takes from the group that has most the item it added last. */
  takeBack(): Item | undefined {
    let most: Item[] | undefined;
    let from: Group | undefined;
    for (const [group, items] of this.#groups) if (items.length > (most?.length ?? 0)) [from, most] = [group, items];
    const item = most?.at(-1);
    if (item !== undefined) this.remove(from!, item);
    return item;
  }

  remove(group: Group, item: Item): void {
    const items = this.#groups.get(group);
    const at = items?.indexOf(item) ?? -1;
    if (items === undefined || at < 0) return;
    items.splice(at, 1);
    if (items.length === 0) this.#groups.delete(group);
    this.#length--;
  }
}
