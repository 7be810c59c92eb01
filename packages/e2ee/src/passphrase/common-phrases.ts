/**
 * Common choices for passwords, without spaces, in lower case, with letters for digits. Words of
 * the list that phrases are drawn from are counted by it and do not stand here. spec K39
 */
export const COMMON_PHRASES: ReadonlySet<string> = new Set(
  `
  password passwort passwd passphrase motdepasse contrasena geheim letmein iloveyou ichliebedich teamo jetaime admin
  administrator root login logon welcome willkommen hallo hola bonjour qwerty qwertz azerty asdf zxcv master default
  changeme guest user username test tester testing sample demo temp temporary server internet computer laptop iphone
  android google facebook instagram microsoft windows apple linux football baseball basketball soccer hockey batman
  superman spiderman pokemon starwars startrek matrix princess prinzessin sunshine sunflower flower butterfly
  angel baby babygirl lovely sweetheart darling honey schatz freedom whatever trustnoone nothing something
  michael jennifer jessica daniel andrew thomas robert jordan charlie matthew ashley nicole michelle anthony
  william alexander christian david peter andrea sandra jesus christ god amen mustang ferrari porsche mercedes
  conclave meeting conference videocall room chatroom secretroom
  january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday
  correcthorsebatterystaple thequickbrownfoxjumpsoverthelazydog tobeornottobe maytheforcebewithyou
  opensesame loremipsumdolorsitamet onceuponatime happybirthday merrychristmas happynewyear
  `
    .trim()
    .split(/\s+/),
)

/** Words that people put one after the other: counts, and the phrases that the documents of BIP 39 show. spec K39 */
export const WORD_SEQUENCES: readonly (readonly string[])[] = [
  'zero one two three four five six seven eight nine ten eleven twelve',
  'eins zwei drei vier fünf sechs sieben acht neun zehn',
  'monday tuesday wednesday thursday friday saturday sunday monday',
  'january february march april may june july august september october november december january',
  'red orange yellow green blue indigo violet',
  'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa',
  'legal winner thank year wave sausage worth useful legal winner thank yellow',
  'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
].map((words) => words.split(' '))

/** The words that sentences are full of. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `
  the and you my is are was with this that for not but have from they her his our your me we it in on at to of be as by or
  if so no do go an am he she its all one der die das und ist ich du wir ein eine nicht mit
  `
    .trim()
    .split(/\s+/),
)

/** The pairs of letters that are most frequent in text. */
export const COMMON_PAIRS: ReadonlySet<string> = new Set(
  (
    'th he in er an re on at nd st es en of te ed or ti hi as to ar ou is it le nt ve co me de ha se ea io ' +
    'ic ne li ch ll be ma si om ur ra ce al ri ro el la ta et us ho ss ut ec no em ee rs pe so ot tr ct ' +
    'id ad ly di ge ol un wa il ac ie wh fo ns po ca na ni ay sh ow lo am pr im ag ck ry tt ke ir ew up'
  ).split(' '),
)

/** Rows and columns of keyboards, as fingers walk them. */
export const KEYBOARD_ROWS: readonly string[] = [
  ...['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop'],
  ...[
    'qsdfghjklm',
    'wxcvbn',
    '!@#$%^&*()',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
    '147258369',
    '741852963',
  ],
]
