#!/bin/sh
# Installs what the integration suites judge with and npm cannot bring: kcat, confluent-kafka (in .cache/python), Apache Kafka's jars
# (in .cache/kafka-4.3.0). Safe to run again. Needs a Debian-like system, python3 with venv, Java 17 and Maven; what is missing is said.
set -eu
cd "$(dirname "$0")/.."

if ! command -v kcat >/dev/null; then
  sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends kcat
fi

if ! .cache/python/bin/python -c 'import confluent_kafka' 2>/dev/null; then
  python3 -m venv .cache/python
  .cache/python/bin/pip install --quiet --disable-pip-version-check confluent-kafka==2.16.1
fi

java -version 2>&1 | head -1
[ -d .cache/kafka-4.3.0/jars ] || mvn -v | head -1
./node_modules/.bin/node -e "import('./test/support/kafka/jars.ts').then(async (jars) => {
  const reason = jars.kafkaUnavailable();
  if (reason !== null) throw new Error(reason);
  await jars.formattedStorage();
})"
echo 'kcat, confluent-kafka and Apache Kafka 4.3.0 are there'
