// Prints the environment that a program gets when an npm script starts it.
const { NODE_ENV, KRB5_CONFIG, LC_ALL } = process.env;
console.log(
  JSON.stringify({ mask: process.umask().toString(8), mode: NODE_ENV, krb5: KRB5_CONFIG, language: LC_ALL }),
);
