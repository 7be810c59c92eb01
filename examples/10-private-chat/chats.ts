/** The members of each chat: stands for the tables of your application. */
export class Chats {
  readonly #membersByChat = new Map<string, Set<string>>()

  create(chat: string, members: readonly string[]): void {
    this.#membersByChat.set(chat, new Set(members))
  }

  hasMember(chat: string, user: string): boolean {
    return this.#membersByChat.get(chat)?.has(user) ?? false
  }

  remove(chat: string, user: string): void {
    this.#membersByChat.get(chat)?.delete(user)
  }
}
