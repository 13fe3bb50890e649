#!/bin/sh
# The chain of sharing with curl: ask, decide, read by key, verify, take a file, check the receipt offline, withdraw.
#   docs/share.sh [address] [data directory]     of a running demo; SANJIANG names the binary
set -eu
address=${1:-http://127.0.0.1:8080}
data=${2:-data}
sanjiang=${SANJIANG:-target/debug/sanjiang}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
api=$address/api/v1
n=$(date +%s)

say() { printf '\n== %s\n' "$*"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -1; }
json() { curl -sS -X "$1" -b "$work/$2" -H 'Content-Type: application/json' -H 'Accept-Language: zh' "$api/$3" ${4:+--data "$4"}; }

say '两个部门各有一名专员 / An officer for each of the two departments'
for of in civil_affairs housing; do
  echo "a long password $n" | "$sanjiang" account add "$of-$n" --role officer --department "$of" --data "$data"
  curl -sS -o /dev/null -f -c "$work/$of" -H 'Content-Type: application/json' "$api/session" --data "{\"name\":\"$of-$n\",\"password\":\"a long password $n\"}"
done

say '住建局申请婚姻登记 / Housing asks for marriages'
until=$(date -d '+100 days' +%F 2>/dev/null || date -v+100d +%F)
asked=$(json POST housing requests "{\"resource\":\"marriages\",\"purpose\":\"service\",\"channels\":[\"query\",\"verify\",\"batch\"],\"until\":\"$until\",
  \"items\":[{\"name\":\"kind\",\"whole\":true},{\"name\":\"second_name\",\"whole\":false},{\"name\":\"registered_on\",\"whole\":true}],
  \"keys\":[\"first_citizen_id\"],\"reason\":\"公租房资格审核 $n，《公共租赁住房管理办法》第八条\"}")
echo "$asked"
request=$(echo "$asked" | field id)
test -n "$request"

say '民政局同意，只给鄞州区的 / Civil affairs agree, for one district'
decided=$(json POST civil_affairs "requests/$request" '{"act":"grant","condition":"district = '"'330212'"'","words":"仅限鄞州区"}')
echo "$decided"
grant=$(echo "$decided" | field grant)
test -n "$grant"

say '住建局的应用用密钥读取 / An application of housing reads with its key'
key=$(json POST housing applications "{\"department\":\"housing\",\"name\":\"公租房审核 $n\"}" | field key)
id=$("$sanjiang" sql "SELECT first_citizen_id FROM marriages WHERE district = '330212' LIMIT 1" --data "$data" --format csv | grep -o '[0-9]\{17\}[0-9X]' | head -1)
call() { curl -sS -H "Authorization: Bearer $key" "$@"; }
for try in $(seq 60); do
  test "$(call -o "$work/answer.json" -D "$work/headers" -w '%{http_code}' "$api/grants/$grant/rows?purpose=service&case=$n&first_citizen_id=$id")" = 503 || break
  sleep 1
done
cat "$work/answer.json"; echo
grep -i -e '^content-digest' -e '^sanjiang-receipt' -e '^signature' "$work/headers"
leaf=$(sed -n 's/^sanjiang-receipt: leaf=\([0-9]*\).*/\1/ip' "$work/headers")

say '不写必填查询项、用途不符，都被拒绝 / Refused without the key, and for another purpose'
call -w '%{http_code}\n' -o /dev/null "$api/grants/$grant/rows?purpose=service" | grep -x 400
call -w '%{http_code}\n' -o /dev/null "$api/grants/$grant/rows?purpose=statistics&first_citizen_id=$id" | grep -x 403

say '核验只答是或否 / Verification says yes or no'
kind=$(field kind < "$work/answer.json")
call -H 'Content-Type: application/json' "$api/grants/$grant/verify?purpose=service" --data "{\"first_citizen_id\":\"$id\",\"kind\":\"$kind\"}" | grep '"verdict":"yes"'
call -H 'Content-Type: application/json' "$api/grants/$grant/verify?purpose=service" --data "{\"first_citizen_id\":\"$id\",\"kind\":\"其他\"}" | grep '"verdict":"no"'

say '批量文件 / A file of all rows'
call -o "$work/rows.csv" -D "$work/file-headers" "$api/grants/$grant/batch?purpose=service"
head -3 "$work/rows.csv"; wc -l < "$work/rows.csv"
next=$(sed -n 's/^sanjiang-next: \([^ ]*\).*/\1/ip' "$work/file-headers" | tr -d '\r')
call "$api/grants/$grant/batch?purpose=service&since=$next" | wc -l | grep -x ' *1'

say '离线验证回执 / The receipt, checked offline'
call -o "$work/receipt.json" "$api/receipts/$leaf"
log=$(curl -sS "$api/node" | sed -n 's/.*"log_keys":\["\([^"]*\)".*/\1/p')
"$sanjiang" log check-receipt "$work/receipt.json" --key "$log" --answer "$work/answer.json"
sed 's/330/331/' "$work/answer.json" > "$work/forged.json"; echo ' ' >> "$work/forged.json"
if "$sanjiang" log check-receipt "$work/receipt.json" --key "$log" --answer "$work/forged.json"; then exit 1; fi

say '收回后立即失效 / Withdrawn, it opens nothing'
json POST civil_affairs "grants/$grant/withdraw" '{"words":"试用结束"}'
call -w '%{http_code}\n' -o /dev/null "$api/grants/$grant/rows?purpose=service&first_citizen_id=$id" | grep -x 403
say '完成 / Done'
