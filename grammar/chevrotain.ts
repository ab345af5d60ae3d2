// The parser library, imported here alone: the build makes one file of this module and the library's 700, which
// otherwise take longer to load than most models take to compile.
export * from 'chevrotain';
