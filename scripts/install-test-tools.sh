#!/bin/sh
# Installs what the suites judge with and npm cannot bring: kcat, confluent-kafka (in .cache/python), MariaDB's server, psql, sqlite3, Java,
# Maven and with them Apache Kafka's jars (in .cache/kafka-4.3.0). Safe to run again. Packages come from apt; where there is no apt, what
# is missing is said, and the suites that need it skip with that reason (with CI=true they fail).
set -eu
cd "$(dirname "$0")/.."

packages=''
command -v kcat >/dev/null || packages="$packages kcat"
command -v java >/dev/null || packages="$packages default-jre-headless"
command -v mvn >/dev/null || [ -d .cache/kafka-4.3.0/jars ] || packages="$packages maven"
[ -x /usr/sbin/mariadbd ] || packages="$packages mariadb-server"
command -v psql >/dev/null || packages="$packages postgresql-client"
command -v sqlite3 >/dev/null || packages="$packages sqlite3"
command -v python3 >/dev/null && python3 -c 'import ensurepip' 2>/dev/null || packages="$packages python3 python3-venv"

if [ -n "$packages" ] && command -v apt-get >/dev/null; then
  sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
elif [ -n "$packages" ]; then
  echo "not installed, there is no apt-get here:$packages"
fi

if command -v python3 >/dev/null && ! .cache/python/bin/python -c 'import confluent_kafka.schema_registry.avro, fastavro, cramjam, jsonschema, google.protobuf' 2>/dev/null; then
  python3 -m venv .cache/python
  .cache/python/bin/pip install --quiet --disable-pip-version-check confluent-kafka==2.16.1 attrs==26.1.0 authlib==1.9.9 backports.zstd==1.8.0 \
    cachetools==8.0.1 certifi==2026.10.18 cramjam==2.14.0 fastavro==1.13.1 googleapis-common-protos==1.76.0 httpx==0.28.1 jsonschema==4.26.0 \
    orjson==3.13.0 protobuf==7.36.2 typing_extensions==4.16.0
fi

if [ -x .cache/python/bin/python ] && ! .cache/python/bin/python -c 'import kafka_connect' 2>/dev/null; then
  .cache/python/bin/pip install --quiet --disable-pip-version-check kafka-connect-py==1.0.0
fi

if [ -x .cache/python/bin/python ] && ! .cache/python/bin/python -c 'import pyarrow' 2>/dev/null; then
  .cache/python/bin/pip install --quiet --disable-pip-version-check pyarrow==22.0.0
fi

if [ -x .cache/python/bin/pip ] && [ ! -x .cache/python/bin/cfn-lint ]; then
  .cache/python/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0
fi

if [ -x .cache/python/bin/python ] && ! .cache/python/bin/python -c 'import policy_sentry' 2>/dev/null; then
  .cache/python/bin/pip install --quiet --disable-pip-version-check policy_sentry==0.15.2
fi

./node_modules/.bin/node -e "import('./test/support/rest/clients/judges.ts').then(async (judges) => {
  const reason = judges.javaClientUnavailable();
  if (reason === null) await judges.javaClientClasspath();
  console.log(reason ?? 'the Java client of Kafka Connect is there');
})"

./node_modules/.bin/node -e "import('./test/support/kafka/jars.ts').then(async (jars) => {
  const reason = jars.kafkaUnavailable();
  if (reason === null) await jars.formattedStorage();
  console.log(reason ?? 'kcat, confluent-kafka and Apache Kafka ' + jars.KAFKA_VERSION + ' are there');
})"
