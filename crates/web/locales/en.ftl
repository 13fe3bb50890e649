# The words of the pages in English. Written for readers of English, not translated word for word.

name = Sanjiang
skip = Skip to content
notice = Notice
colon = :{" "}
comma = ,{" "}
close = Close
all = All
equals = equals
plus = plus
source = Source
as-of = As of
unit = Unit
null = empty
value-yes = yes
value-no = no

## Frame

nav = Main
nav-home = Home
nav-catalog = Catalog
nav-systems = Systems
nav-runs = Runs
nav-quarantine = Quarantine
nav-sql = SQL
nav-api = API
nav-help = Help
nav-more = More
trail = You are here
prefs = Language, display and log-in
mode = Display
mode-standard = Standard
mode-elder = Large type
mode-contrast = High contrast
search-label = Search resources and items
search-hint = Search resources and items
search-go = Search
login = Log in
logout = Log out
foot-open = Sanjiang is an open-source city brain, under the Apache-2.0 licence.
foot-printed = Printed
keys = Keyboard
keys-search = Go to the search box
keys-help = Open this list
keys-tab = Go to the next link, button or table
keys-escape = Close menus and this list
keys-more = More help

## Times

time-today = today { $clock }
time-yesterday = yesterday { $clock }
time-never = never
time-day = today
age-now = just now
age-minutes = { $n ->
    [one] a minute ago
   *[other] { $n } minutes ago
}
age-hours = { $n ->
    [one] an hour ago
   *[other] { $n } hours ago
}
age-days = { $n ->
    [one] a day ago
   *[other] { $n } days ago
}
span-instant = under 1 s
span-seconds = { $s } s
span-minutes = { $m } min { $s } s
span-hours = { $h } h { $m } min

## Words of the product

department = Department
departments = Departments
system = System
systems = Systems
resource = Resource
resources = Resources
item = Item
items = Items
standard = Standard
code-list = Code list
run = Run
batch = Batch
board = Board
class = Class
grade = Grade
share = Sharing
open = Opening
period = Update period
state = State
address = Where
contact = Contact
connector = Connected by
last-collected = Last collected
unit-rows = rows
unit-rows-head = Rows
unit-rate = rows/s
rows-n = { $n ->
    [one] 1 row
   *[other] { $n } rows
}
items-n = { $n ->
    [one] 1 item
   *[other] { $n } items
}
rows-raw = Raw
rows-raw-is = every record, kept as the source gave it
rows-raw-col = Raw (rows)
rows-standard = Standard
rows-standard-is = checked, typed by its standard, and current
rows-standard-col = Standard (rows)
rows-quarantined = Quarantine
rows-quarantined-is = refused by a check; kept with the reason until mended
rows-quarantined-col = Quarantine (rows)
class-base = Base
class-topic = Topic
class-department = Department
share-unconditional = Shared freely
share-conditional = Shared on conditions
share-none = Not shared
open-unconditional = Open
open-conditional = Open on conditions
open-none = Not open
period-continuous = Continuous
period-daily = Daily
period-weekly = Weekly
period-monthly = Monthly
period-quarterly = Quarterly
period-half-yearly = Half-yearly
period-yearly = Yearly
period-irregular = Irregular
grade-l1 = L1 not sensitive
grade-l2 = L2 slightly sensitive
grade-l3 = L3 rather sensitive
grade-l4 = L4 sensitive
item-public = Public
item-business = Business
item-personal = Personal
item-sensitive = Sensitive personal
connector-files = Files
connector-sqlite = SQLite database
connector-postgres = PostgreSQL database
connector-mysql = MySQL database
connector-http = HTTP API
connector-s3 = S3 bucket
contact-last = Last answer
contact-latency = after { $n } ms
contact-requests = Requests since the start
contact-held = Not asked before
contact-error = Last request failed
mode-full = full deliveries
mode-incremental = increments
mode-replication = changes, as they are made
freshness-never = Never collected
freshness-fresh = Up to date
freshness-stale = Overdue
freshness-failed = Failed
run-running = Running
run-done = Done
run-partial = Done, some rows quarantined
run-failed = Failed
run-interrupted = Interrupted
trigger-schedule = It was due
trigger-person = Started by staff
trigger-command = Started from the command line
trigger-demo = Started by the demo
decision-encoding = Encoding
decision-delimiter = Delimiter
decision-header = Header
decision-records = Where the records are
decision-table = Sheet or table
decision-null = Words for “no value”
decision-standard = Standard
decision-format = File format
decision-held = Left for the next run
decision-removed = File gone
decision-renamed = File renamed

## Charts and lists

chart-table = Show the table
chart-day = Day
chart-label = Name
chart-value = Value
chart-from = From
chart-line-desc = From { $first } to { $last }; at most { $greatest }.
chart-bins-desc = Spread from { $first } to { $last }; the fullest bin has { $greatest } rows.
filter = Filter
filter-clear = Clear filters
filter-drop = Remove this filter
paging = Pages
paging-before = Previous
paging-after = Next
paging-at = Page { $page } of { $last }

## Home

home-title = Home
home-brain = City Brain
home-source = Source: this node’s runs and lake
home-empty = Nothing has been collected yet
home-empty-do = Departments, systems and resources are declared. Collect once, and the figures will stand here.
home-figures = The whole
home-landed = Landed today
home-trend = Rows landed per day, last 14 days
home-trend-desc = The most was on { $day }: { $n } rows.
home-runs-today = Runs today
home-failed = { $n } failed
home-map = By district
home-freshness = Kept up to date
home-freshness-is = Every resource promises how often it is updated. One that is older than promised is overdue.
home-now = Being collected
home-last = Last run
home-panels = The city
home-departments = By department
map-choose = What the map shows
map-district = District
map-desc = Shaded in five steps from less to more. Unit: { $unit }. Every district can be opened.
map-less = less
map-more = more
map-none = no data
panel-sql = How it is computed
panel-open-sql = Open in the SQL console
panel-waiting = Will be computed once its resources are collected
panel-empty = No rows match
district-map = Where { $district } lies in the city
district-towns = Towns
district-others = Other districts
district-panels = The district
district-panels-none = This city has not declared a board by district

## Systems and runs

systems-title = Systems
systems-lead = The information systems that data comes from. Each belongs to a department and is connected in an agreed way.
systems-none = No systems yet
systems-none-do = Write a declaration for each system in the folder systems of the city; it will be listed here.
systems-shown = { $n ->
    [one] 1 system
   *[other] { $n } systems
}
collect-now = Collect now
collect-due = Collect what is due
collect-none = Nothing needs to be collected.
collect-started = { $n ->
    [one] Collection of 1 resource has begun; watch it on this page.
   *[other] Collection of { $n } resources has begun; watch it on this page.
}
login-to-collect = Log in to collect
runs-title = Runs
runs-lead = Each run collects one resource. Every row of the source is accounted for: landed, quarantined, or the same as before.
runs-last = Latest runs
runs-all = All runs
runs-ended = Ended
runs-none = No runs yet
runs-none-do = Collect once, and the run is recorded here.
runs-none-here = No run matches these filters. Try others.
runs-of = Runs of the resource “{ $resource }” only.
run-title = Collecting { $resource }
run-none-now = Nothing is being collected now
run-left = about { $time } left
run-landed-n = { $n } landed
run-started = Started
run-ended = Ended
run-took = Took
run-read = Read
run-trigger = Why
run-id = Run id
run-facts = About this run
run-source = at the source
run-landed = landed
run-quarantined = quarantined
run-unchanged = unchanged
run-removed = removed
run-source-col = Source (rows)
run-landed-col = Landed (rows)
run-quarantined-col = Quarantined (rows)
run-unchanged-col = Unchanged (rows)
run-balance = Where every row went
run-balance-is = Both sides agree: every row of the source is accounted for.
run-balance-later = Checked when the run ends; both sides must agree.
run-corrected = { $n } of the landed rows replaced an older record.
run-rest = not yet accounted for
run-rest-is = { $n ->
    [one] 1 row is not yet accounted for, so the run is not complete. What has landed is kept.
   *[other] { $n } rows are not yet accounted for, so the run is not complete. What has landed is kept.
}
run-unbalanced = The sides do not agree. The run counts as failed; batches already written are kept.
run-why = Why it failed
run-kept = The { $n } rows landed before that are kept. Once mended, collecting again goes on from there.
run-interrupted-is = The program stopped during the run. Batches already landed are kept; the next run goes on from there.
run-decisions = Decided while reading
run-decisions-is = What the declaration leaves open was told from the content, with the reason.
run-decisions-none = Everything was read as declared; nothing had to be decided.

## Quarantine

quarantine-title = Quarantine
quarantine-hidden = Some records hold items that you may not see. A refused record has no columns that could be told apart, so all of it is shown as ***; officers of the providing department see to it.
quarantine-lead = Rows that a check refused. Each is kept to the byte, with what is wrong and what to do. When the source is mended and collected again, they leave by themselves.
quarantine-none = Nothing in quarantine
quarantine-none-is = With these filters, every row passed its checks.
quarantine-causes = By cause
quarantine-reason = Cause
quarantine-example = Example
quarantine-row = Whole row
quarantine-rows = Row by row
quarantine-rows-none = No row matches
quarantine-bytes = Show the original bytes
line-n = line { $n }

## Catalog and resource

catalog-title = Catalog
catalog-title-of = Results for “{ $query }”
catalog-lead = Every resource of the city. Search in Chinese, pinyin, initials or English.
catalog-narrow = Narrow down
catalog-found = { $n ->
    [one] 1 resource in { $ms } ms
   *[other] { $n } resources in { $ms } ms
}
catalog-none = Nothing found
catalog-suggest = Did you mean:
catalog-tip-shorter = Try a shorter or more common word.
catalog-tip-pinyin = Pinyin and initials work too: kqzl finds 空气质量 (air quality).
catalog-tip-facets = Remove some filters.
catalog-all = Show all resources
resource-parts = On this page
resource-stale = Collected { $age }, which is older than promised ({ $period }). Keep that in mind when you use it.
item-name = Field
item-class = Data class
item-is = What it is
item-key = key
item-required = required
preview = Preview
seen-masked = { $n ->
    [one] One column is masked:
   *[other] { $n } columns are masked:
}
seen-whole = { $n ->
    [one] One item of L3 or above is shown as it is:
   *[other] { $n } items of L3 or above are shown as they are:
}
preview-is = { $n ->
    [one] The first row of the standard layer.
   *[other] The first { $n } rows of the standard layer.
}
preview-empty = Nothing collected yet
preview-empty-do = Collect once, and the first rows will stand here.
preview-closed = Values are not public
preview-closed-is = Its grade is “{ $grade }” and its opening “{ $open }”. Staff can see the values after logging in.
profile = Profile
profile-is = { $n ->
    [one] Over 1 row of the standard layer.
   *[other] Over { $n } rows of the standard layer.
}
resource-causes = Why rows are in quarantine
profile-none = Made after collecting. For resources that are not public, only staff see it.
profile-nulls = Empty
profile-distinct = Different
profile-minimum = Least
profile-maximum = Greatest
profile-mean = Mean
profile-drawing = Spread of { $item }
profile-frequent = Most frequent
lineage = Where it comes from
lineage-is = Every row can be followed back to its system, file and line.
lineage-aside = { $n ->
    [one] 1 row stands aside in quarantine
   *[other] { $n } rows stand aside in quarantine
}
metadata = Catalog entry
metadata-is = The core elements of the national catalogue of government information resources.
meta-title = Name
meta-code = Resource code
meta-class = Class
meta-provider = Provider
meta-provider-code = Provider code
meta-format = Connection and delivery
meta-issued = Published
meta-keywords = Subjects
meta-related = Related
meta-use = Use it

## Login

login-title = Log in as staff
login-lead = Public pages need no log-in. Quarantine, SQL and collecting do.
login-setup = One of the system, security and audit officers is missing. Open the one-time links that the terminal showed at the start.
login-name = User name
login-password = Password
login-no-account = No account? Ask your city’s system officer.
setup-title = Set up an account
setup-password-is = At least 10 characters. A sentence you can remember is safer than a few symbols.
setup-again = Password once more
setup-go = Save and log in
back-home = Back to the home page

## Errors

error-title = The page did not open
error-ways = Ways on
error-404 = There is no such page
error-404-is = The address may be mistyped, or what it held is gone.
error-404-do = Search above, or go on from here.
error-login = Please log in
error-login-is = Your log-in has expired, so nothing was done.
error-login-do = Log in again, then repeat what you did.
error-invalid = What was sent is not right
error-invalid-do = Nothing was changed. Go back, mend it and send it again.
error-forbidden = Not for your roles
error-forbidden-do = Nothing was changed; that it was tried stands in the log. Ask the security officer for rights.
error-busy = Busy
error-busy-do = Nothing was changed. Try again in a moment.
error-full = The disk is full
error-full-do = Nothing was written, and what you read is not affected. Once there is room, collection goes on by itself.
error-forged = Please act on our own pages
error-forged-is = This did not come from a current page of this site, so for safety it was not done.
error-forged-do = Go back to the page, reload it and try again.
error-internal = This page cannot be shown right now
error-internal-is = The fault is ours. Your data is not affected.
error-internal-do = Try again in a moment. If it stays, tell the administrator the id below: the cause can be found by it.
error-id = Id

## Help

help-title = Help
help-lead = Sanjiang brings the departments’ data together: collected, checked, catalogued, queried, and traceable at every step.
help-river = How data flows
help-river-1 = Sanjiangkou is where three rivers meet. The departments’ systems are the tributaries: data arrives as files, from databases and APIs.
help-river-2 = It is first kept in the raw layer without changing a byte. Then each value is checked and typed by its standard; what passes enters the standard layer.
help-river-3 = What does not pass goes to quarantine with its original and the reason. Every row of a source is accounted for; none is lost.
help-states = How to read the states
help-fresh = Collected within the period that was promised.
help-stale = Older than promised: no new data within its period.
help-failed = The last run failed. What was collected before is still there.
help-never = Declared, but never collected.
help-running = Being collected; progress is live.
help-words = Words
help-reading = Reading comfortably
help-reading-is = Change the language; large type makes letters and buttons bigger; high contrast helps with low vision and in bright light. Your choice is remembered.
word-department = A public body that holds data.
word-system = The information system that data comes from.
word-resource = A catalogued dataset, usually one table.
word-item = One column of a resource.
word-standard = A named type with checks, such as the citizen id number.
word-code-list = The values that are allowed, such as codes for sex.
word-run = One collection of one resource.
word-batch = Rows of a run that land together or not at all.
word-quarantine = Rows that a check refused, with the reason.
word-raw = The layer that keeps records as the source gave them.
word-standard-layer = The layer of typed, current rows; queries use it unless told otherwise.
word-class = Whether a resource is base, topic or departmental.
word-grade = How sensitive data is: L1 least, L4 most.
word-share = Whether other public bodies may have it, and on what conditions.
word-open = Whether the public may have it, and on what conditions.
word-board = A declared screen of figures, charts and maps.

## SQL
sql-title = SQL
sql-lead = One SELECT over the lake: standard holds what was checked, raw what came, as it came. It only reads; nothing can be changed from here.
sql-statement = Statement
sql-run = Run
sql-stop = Stop
sql-stopped = Stopped.
sql-unreachable = The server did not answer. Your statement is still here; check the network and run it again.
sql-completions = Completions
sql-mistakes = Mistakes
sql-most = Show at most
sql-beside = Examples, tables and history
sql-examples = Start here
sql-example-look = Look at { $table }
sql-example-group = { $table } by { $column }
sql-example-month = { $table } by month
sql-example-faults = Refused records of { $table }
sql-tables = Tables
sql-tables-none = The lake is empty. Once something is collected, its tables are listed here.
sql-narrow = Filter by name, title or column
sql-narrow-none = No such table
sql-insert-table = Insert the table's name
sql-past = Recently run
sql-past-is = Kept only in this browser.
sql-past-forget = Forget
sql-result = Result
sql-rows-n =
    { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
sql-ms = { $n } ms
sql-truncated = There are more rows: narrow the statement, or download
sql-no-rows = No rows match
sql-take = Download
sql-take-most = runs again, at most 10,000 rows
sql-chart = Chart
sql-chart-none = The result has no column of numbers to draw.
sql-chart-kind = Draw as
sql-chart-bar = Bars
sql-chart-line = Lines
sql-chart-pie = Ring
sql-chart-scatter = Points
sql-plan = Plan
sql-plan-is = How the engine would run it; the innermost comes first.
sql-plan-logical = Logical plan
sql-plan-physical = Physical plan
sql-wrong = This statement could not be run
sql-suggest = Change to { $word } and run

## API
api-title = API
api-lead = The catalogue, collection and queries are open to programs as well. Public operations need no login; those marked "login" are for staff.
api-spec = The whole, for machines: OpenAPI 3.1
api-staff = login
api-parameters = Parameters
api-body = Body
api-answers = Answers
api-name = Name
api-type = Type
api-what = Meaning
api-required = required
api-try = Try it
api-open = Open
api-schemas = Shapes
api-problems = When something is wrong
api-problems-is = Errors are application/problem+json (RFC 9457): type is a stable word, detail is for people, and details has it in both languages.
api-login = Logging in
api-login-is = Get a session first and send it along:

## Drift

nav-drift = Drift
waiting = waiting
run-held = Held
run-decide = Accept or refuse
run-missing = Besides, { $n } rows are not in this complete delivery and were removed from the standard layer.
run-changes = Which rows this run changed
run-drift = Drift
drift-title = Drift
drift-title-of = Drift of { $resource }
drift-lead = What a source delivers differs from what was agreed or from the time before: harmless differences land and are told, harmful ones wait for a decision.
drift-deliveries = Deliveries that differ
drift-none = No drift
drift-none-is = What the sources deliver is as agreed and as before.
drift-when = When
drift-what = Difference
drift-by = Decided by
drift-told = Told
drift-held = Held
drift-accepted = Accepted, about to land
drift-used = Accepted and landed
drift-refused = Refused
drift-withdrawn = Gone by itself
drift-held-is = Nothing of this delivery has landed; what is here is untouched. Compare both sides, then accept or refuse.
drift-holds = Needs a decision
drift-added = Column added
drift-gone = Column gone
drift-renamed = Column renamed
drift-retyped = Values of another form
drift-codes = New codes
drift-duplicates = Key not unique
drift-form = File of another form
drift-volume = Unusual size
drift-removed = Mass removal
drift-before = Before
drift-now = Now
drift-nothing = Nothing
drift-decide = Decide
drift-draft = Updating the declaration changes
drift-why = Reason
drift-accept = Accept this once
drift-update = Update the declaration and accept
drift-refuse = Refuse
drift-decide-is = What is accepted is collected again at once. Who decided, when and why is recorded.
drift-changed = Changes of the declaration

decision-missing = Missing rows

## Gaps

gaps-title = Catalogued without data
gaps-lead = Of { $all } resources, { $n } have no data, or none as fresh as promised.
gaps-lack = What is lacking
gaps-since = For
gaps-days = { $n } days
gaps-none = None
gaps-none-is = Every resource of the catalogue has data as fresh as promised.
lack-failing = Collection fails
lack-never = Never collected
lack-empty = Not a single row
lack-stale = Overdue
download-csv = Download CSV

## History

resource-changes = What changed
resource-asof = As of a day
changes-title = What changed
changes-title-of = What changed in { $resource }
changes-lead = Rows added, removed and corrected between two collections, cell by cell. Told from the raw layer, which keeps every original.
changes-from = From
changes-to = To
changes-start = The beginning (no data)
changes-show = Show
changes-none = Nothing changed
changes-none-is = Between these two no row was added, removed or corrected.
changes-rows = Rows that changed
change-added = Added
change-removed = Removed
change-corrected = Corrected
batch-n = batch { $n }
row-title = History of a row
row-lead = { $n } versions, the newest first.
row-same = The same as the version before.
asof-title = As of a day
asof-title-of = { $resource } as of a day
asof-lead = The rows that were current at the end of that day, told from the raw layer and checked as declared now.
asof-day = Day
asof-none = There was no data yet
asof-none-is = Choose a later day.
asof-first = The first { $n } rows
## Schedule

schedule-title = Schedule
schedule-lead = When each resource is collected next, and why then. Declarations decide: by cron where one is written, else by the update period; never in the hours in which a source is to be left alone.
schedule-due = Due now
schedule-blackout-wait = Waiting for a blackout to end
schedule-paused-systems = Paused systems
schedule-key = Each strip is today's 24 hours: bars are the runs expected, grey is when the source is left alone, red is now.
schedule-rhythm = Rhythm
schedule-next = Next
schedule-today = Today
schedule-hours = Blackout
schedule-jitter = up to { $n } min later at random
schedule-retry = Failed; again
schedule-blackout = Blackout until
schedule-paused = Paused
schedule-pushed = The system pushes
schedule-asked = Irregular: on request
schedule-paused-by = Paused by { $who } { $time }: { $reason }
schedule-pause = Pause collection
schedule-resume = Resume
schedule-reason = Reason
schedule-strip = { $n } runs expected today
schedule-declare = Write [schedule] in the declaration of a system or a resource: cron, jitter_minutes, blackout. It takes effect within seconds.
connector-push = Pushed by the system
trigger-push = Push
trigger-correction = Correction

## Mending refused rows

quarantine-mended = { $n ->
    [one] One row corrected.
   *[other] { $n } rows corrected.
}
quarantine-exchange = For the department to mend
quarantine-exchange-is = The file looks like the department's own, with a column of reasons (问题原因) and one of row numbers (问题编号). Bring it back mended: only these rows are checked again; those that are still wrong stay here, each with its reason.
quarantine-export = Download these rows
quarantine-file = The mended file
quarantine-upload = Upload and check
repair-link = Correct
repair-title = Correct a row
repair-lead = The row is checked by the same rules and lands only if it passes. What came is kept as it is; when the source sends the right row one day, the source counts.
repair-still = Still wrong:
repair-found = It was
repair-key = key
repair-required = required
repair-reason = On what ground
repair-reason-is = For instance: confirmed by telephone. It is kept with the correction.
repair-go = Check and correct
repair-back = Back to the quarantine
replace-link = Correct all
replace-col = Act
replace-title = Correct all rows of a cause
replace-lead = Gives “{ $item }” the same value in the rows of this cause, e.g. the code 1 for 男性. Try it first, then correct.
replace-found = Value found
replace-found-is = Only rows in which this was found; left empty, all rows of the cause.
replace-value = New value
replace-value-is = Left empty, the field is made empty.
replace-try = Try
replace-tried = What it would do
replace-right = Rows that would land
replace-wrong = Rows still wrong
replace-go = { $n ->
    [one] Correct one row
   *[other] Correct { $n } rows
}
replace-none = No row passes with this value; try another one.
upload-title = What became of the file
upload-rows = Rows of the file
upload-landed = Corrected
upload-wrong = Still wrong
upload-gone = No longer in quarantine
upload-unknown = Without a number
upload-line = Line
trigger-undo = Undone correction

## Corrections that were made

corrections-title = Corrections
correction-title = Correction
correction-when = Time
correction-who = Corrected by
correction-by-page = one row
correction-by-bulk = all of a cause
correction-by-upload = uploaded file
correction-by-command = command line
correction-by-api = API
correction-rows = Corrected rows
correction-rows-n = Rows
correction-row = Row
correction-after = Corrected to
correction-state = State
correction-stands = Stands
correction-gone = Undone
correction-partly = { $n ->
    [one] One row undone
   *[other] { $n } rows undone
}
correction-confirmed = Delivered by the source too
correction-undo = Undo correction
correction-undo-is = The corrected rows leave the standard layer, the refused ones are open again, and rows they had replaced come back. What the source has delivered since stays.
correction-undone-by = Undone by
correction-undone = { $n ->
    [one] Undone: one row is in quarantine again.
   *[other] Undone: { $n } rows are in quarantine again.
}
correction-kept = { $n ->
    [one] One row stays as it is: the source has delivered it since, or a newer row has its place.
   *[other] { $n } rows stay as they are: the source has delivered them since, or newer rows have their places.
}
correction-already = { $n ->
    [one] One row had been undone before.
   *[other] { $n } rows had been undone before.
}
correction-look = Look at this correction, or undo it
correction-all = { $n ->
    [one] The whole correction: one row
   *[other] The whole correction: { $n } rows
}
correction-more = Only the first { $n } are listed.
edit-title = Correct a row that has landed
edit-lead = The row is checked by the same rules and then takes the place of the current one. While the source goes on delivering the same row, the corrected one stays; as soon as it delivers anything else for it, the source counts.
edit-fixed = The source's row is known by it; it cannot be changed here.
edit-back = Back
edit-done = { $n ->
    [one] One row corrected; the rule is being measured again.
   *[other] { $n } rows corrected; the rule is being measured again.
}
edit-gone = This row is not current any more, as the source or somebody else has changed it: nothing was corrected.
edits-title = Correction of landed rows
edits-tag = landed rows
edits-undo-is = The corrected rows leave the standard layer and the source's rows come back. Rows for which the source has delivered anything else since stay.
edits-undone = { $n ->
    [one] Undone: one row is again as the source delivers it.
   *[other] Undone: { $n } rows are again as the source delivers them.
}
edits-gave-way = A newer row has its place

## What was decided while reading

decision-absent = Items the source lacks
decision-undeclared = Undeclared columns
decision-fields = Short records
decision-encoded-twice = Encoded twice
decision-quote = Quotes
decision-member = Member of the archive
decision-blank = Blanks
decision-hidden-sheets = Hidden sheets
decision-hidden-rows = Hidden rows
decision-snapshot = Whole table read
decision-slot = Replication slot
decision-cursor = Cursor
decision-key = Key
decision-faults = Reading faults
decision-specification = Interface description
quarantine-all-causes = All { $n } causes

# Quality
nav-quality = Quality
nav-defects = Defects
quality-title = Data quality
quality-title-of = Data quality: { $department }
quality-lead = Whenever data change, every row is measured by the declared rules. A score is the weighted share of rows that satisfy them, out of 100.
quality-score = Score
quality-resources = Resources measured
quality-without = Resources without rules
quality-how = How
quality-how-is = A resource: the mean share of rows that pass, weighted by severity (error 5, warning 2, info 1). Departments and the city: weighted by rows.
quality-trend = Score over time
quality-of-hundred = of 100
quality-departments = By department
quality-by-resource = By resource
quality-failing = Failing rules
quality-measured = Measured
quality-none = Nothing measured yet
quality-none-do = Declare a [[rule]] in a resource; it has a score after the next collection.
quality-measure = Measure now
quality-error = The last measurement did not end:
quality-no-rules = No quality rules are declared.
quality-unmeasured = Not measured yet; the next collection will.
quality-rows = { $n } rows measured
rule = Rule
rule-failing = Failing rows
rule-share = Share
rule-asks = Asks
rule-passed = passes
rule-failed = fails
rule-unmeasured = not measured
rule-defect = defect
dimension = Dimension
dimension-completeness = completeness
dimension-validity = validity
dimension-uniqueness = uniqueness
dimension-consistency = consistency
dimension-timeliness = timeliness
dimension-referential = referential
severity = Severity
severity-error = error
severity-warning = warning
severity-info = info
failing-lead = Every row that does not satisfy the rule now, in the order of the rows' names.
failing-rows = Failing rows
failing-csv = Download all (CSV)
failing-none = No failing rows
failing-none-is = Every row satisfies this rule now.
failing-first = First page
failing-file = Source file
failing-line = Source line
failing-batch = Batch
suggest-title = { $n } suggested rules
suggest-is = They come from the data: they hold now, and are checked from then on once declared. Taking one over changes the declaration and measures at once.
suggest-adopt = Take over
object = Object to this data
object-words = What is wrong
object-row = The row's _hash (may be left empty)
object-send = Send objection
object-is = The providing department has 10 working days. Everything done about it is recorded.
object-about = The row in question:
objection = objection
defect = Defect
defect-title = Defects
defect-lead = Each failing rule and each objection is one defect. The providing department mends it in time; it closes by itself when measured right.
defect-list = Defects
defect-none = No defects
defect-none-is = Every rule passes, and nobody objects.
defect-standing = not closed
defect-open = open
defect-answered = answered, to be measured
defect-rechecked = measured again, still failing
defect-closed = closed
defect-clock = Clock
defect-late = late
defect-due = Due
defect-escalated = escalated
defect-acts = History
defect-rows = { $n } rows fail
defect-do = Act
defect-words = What was done
defect-answer = Answer: mended
defect-right = Rechecked: right now
defect-wrong = Rechecked: still wrong
defect-do-is = Who, when and what are recorded. What a rule found is measured again with the next collection, and closes when it passes.
defect-is-rule = Found by a quality rule: the providing department mends and answers before the due day; it closes by itself when measured right.
defect-is-objection = An objection by a user of the data: the department answers, then a person rechecks.
defect-own = { $n } wait for your department
message-link = Messages that tell others
message-title = Messages
message-lead = When a defect is found, and when it is escalated, a message goes to the address that the city declares, until it is acknowledged. It names the resource, the rule and how many rows, never what stands in them.
message-receiver = Sent to { $host }
message-nobody = The city declares nobody to be told ([notify] in city.toml): no message is sent.
message-hurry = Send the waiting { $n } again now
message-hurried = They are sent within seconds.
message-list = Messages
message-none = No messages
message-none-is = There has been nothing to tell.
message-tells = Tells
message-opened = defect found
message-escalated = escalated
message-waiting = waiting
message-acknowledged = acknowledged
message-unaddressed = for nobody
message-tries = Tries
message-next = Next try
message-error = Why it was not taken
act-opened = found
act-measured = measured again
act-answered = answered
act-rechecked = measured again, still failing
act-closed = measured right, closed
act-dropped = rule removed, closed
act-escalated = escalated as late
act-confirmed = rechecked as right, closed
act-rejected = rechecked as still wrong
## Models and lineage

nav-models = Models
model = Model
models-title = Models
models-lead = A model is one SELECT that makes a table of the master or topic layer from the standard layer. Their order follows from the SQL; what changed is made again, and a failure leaves the last good version.
models-run = Make what changed
models-none = There are no models yet
models-none-do = Write a .sql file in models/master or models/topic of the city folder; it appears here within seconds.
models-count = Models
models-wrong = Failed or held back
models-flow = How data flows
models-flow-is = Source tables stand on the left, models made from them to the right. The table below says the same.
models-graph = { $n ->
    [one] The flow of one model
   *[other] The flow of { $n } models
}
models-list = How they stand
models-declare = Models are declared in models/ of the city folder and kept in git; sanjiang check checks them, sanjiang model run makes them.
model-rows = Rows
model-last-good = Last good
model-reads = Reads
model-fresh = Fresh
model-changed = Changed, to be made
model-never = Never made
model-waiting = Waits for data
model-waiting-for = No rows yet of { $tables }
model-blocked = Held back
model-blocked-by = “{ $model }” above it failed: this model was not made, its last good version stays.
model-broken = Its file has mistakes
model-run = Make it now
model-started = Begun in the background; the outcome appears below within seconds.
model-why = Why it did not succeed
model-kept = Nothing was written; the last good version can be queried as before.
model-columns = Columns
model-columns-is = Which columns each comes from is told from the plan of the SELECT, not kept by hand. A grade is the highest among the sources.
model-type = Type
model-rows-by = Which rows there are is decided by
model-feeds = Used by
model-feeds-none = No model or board uses it yet
model-console = Open in the SQL console
model-file = File
model-mode = Mode
model-key = key
model-when = When
model-when-changed = After what it reads has changed
model-backfill = Make the whole table anew
model-runs = Runs
model-given = Rows given
model-added = added or replaced
model-said = Said
trigger-collection = after a collection
lineage-of = Lineage of { $column }
lineage-lead = Where it comes from, and who is touched if it changes or goes.
lineage-cut = There are too many columns; the first 500 are shown.
lineage-touched = Columns touched
lineage-models = Models touched
lineage-panels = Panels touched
lineage-up = Where it comes from
lineage-up-is = Nearest first; what is set in is where the line above comes from.
lineage-up-none = It is computed from no column, as a count is.
lineage-up-source = It comes straight from the source system.
lineage-field = field there
lineage-down = Who is touched
lineage-down-is = Nearest first; what is set in comes from the line above.
lineage-down-none = No model or board uses it yet.
lineage-owners = Departments to be told
lineage-from = Computed from
lineage-nothing = From the value of no column
lineage-decided = Rows decided by
lineage-copied = as it stands
lineage-computed = computed
lineage-folded = summed up
lineage-decides = decides the rows
lineage-lowered = through { $by }
lineage-again = told above

grading-title = Proposed grades
grading-lead = Names and values speak for a higher class or grade than is declared. What is confirmed is written into the declaration, and can be taken back.
grading-proposed = Proposals
grading-none = Nothing is proposed
grading-none-is = No item is declared below what its name and values speak for.
grading-item = Item
grading-declared = Declared now
grading-proposal = Proposed
grading-why = Because
grading-decided = What was decided
grading-became = Decided
grading-by = By whom, when, why
grading-confirmed = confirmed
grading-chosen = chosen otherwise
grading-rejected = rejected
grading-undone = taken back
grading-undo = Take back
grading-of = Class and grade of { $item }
grading-decide = Decide
grading-confirm = Confirm the proposal
grading-class = Class
grading-grade = Grade
grading-choose = Use what is chosen here
grading-reject = Reject
grading-decide-is = Another choice and a rejection need a reason. What is rejected is not proposed again.

## Registers

nav-registers = Registers
registers-title = Registers
registers-lead = Records of many departments put together into entities: each person and each company once, under an id that stays for ever. Merges and splits are recorded and can be taken back.
registers-none = No register is declared
registers-none-do = Put a .toml file under registers/ in the city folder that names the fields and the sources; it appears here within seconds. docs/registers.md tells how.
register-entities = Entities
register-records = Records
register-joined = Entities of several records
register-doubts = Pairs in doubt
register-conflicts = Conflicts
register-last = Last resolved
register-waiting = waiting for data
register-waiting-for = No rows yet from: { $sources }
register-never = not resolved yet
register-changed = changed, to be resolved
register-fresh = up to date
register-started = Resolving has begun in the background; this page shows how it goes on.
register-why = Why it failed
register-kept = The register is as it was; what was resolved before can still be used.
register-resolve = Resolve now
register-relearn = Learn anew what each agreement is worth
register-fields = Fields and order of belief
register-fields-is = One source for each field: sources are believed in the order given, a later one only where those before it say nothing. Two records are put together from a probability of { $threshold }.
register-field = Field
register-compare = How it is compared
register-not-compared = not compared
register-order = Order of belief
register-sources = Sources
register-department = Responsible department
register-runs = Runs
register-runs-none = It has not been resolved yet
register-run-changed = Records new or changed
register-run-removed = Records gone
register-run-compared = Pairs compared
register-run-created = Created
register-run-merged = Merged
register-run-split = Split
register-run-ended = Ended
register-run-said = Remarks
register-run-learnt = learnt anew
register-run-whole = linked anew as a whole
register-code = { $title } ({ $code })
register-same = The same
register-different = Not the same
register-decided = Decided: { $word }.
register-undo = Undo
register-undo-n = number { $n }
entities-title = Find entities
entity-find = Id, key of a record, or value
entities-newest = Entities put together last
entities-found = Found for “{ $text }”
entities-cut = The search was cut short and there may be more; please be more specific.
entities-none = No entity found
entities-none-do = Check the id, or look for another value of at least two characters.
entity = Entity
entity-live = live
entity-merged = merged
entity-ended = ended
entity-into = This entity was merged into
entity-ended-is = None of its records is in the sources any more. The id is kept and not used again.
entity-records = { $n ->
    [one] { $n } record
   *[other] { $n } records
 }
entity-since = Since
entity-changed = Last changed
entity-known = What is believed
entity-known-is = Each field is believed from one source; what others say instead stands below it.
entity-against = another source says
entity-members = Records
entity-members-is = The records side by side; what differs from what is believed has a ≠ before it.
entity-members-cut = Only the first { $n } are shown.
entity-differs = differs from what is believed
entity-history = History
changes-newest = Newest changes
changes-newest-is = Beginnings are left out. Merges and splits can be undone, which is a decision like any other.
changes-quiet = No changes yet
change-created = { $entity } began
change-merged = { $entity } was merged into { $other }
change-split = { $entity } was split from { $other }
change-moved = { $entity } got records of { $other }
change-ended = { $entity } ended
change-by-collect = by collection
change-by-decision = by a decision
change-records = { $names } and others, { $n } records in all
doubts-title = Pairs in doubt
doubts-lead = The evidence does not settle whether these records are of one entity; the most doubtful come first. What you decide takes effect at once, stands, teaches the next learning, and can be taken back.
doubts-list = Pairs
doubts-none = No pairs in doubt
doubts-none-is = The evidence settles all of them, or people have.
doubt-look = Decide pair { $n }
doubt-chance = probability of one entity { $chance }
doubt-joined = together for now
doubt-apart = apart for now
doubt-left-only = only the first has it
doubt-right-only = only the second has it
pair-title = Are these two records the same?
pair-decided-same = decided: the same
pair-decided-different = decided: not the same
pair-lead = By the evidence, the probability of one entity is { $chance }; from { $threshold } they are put together.
pair-both = Both records
pair-differs = differs:
pair-decide = Decide
pair-reason = Reason (may be left empty)
pair-decide-is = The next pair follows at once. Who decided, when and why is recorded.
pair-next = Leave it and look at the next pair
pair-evidence = Evidence
pair-evidence-is = Added up piece by piece from the prior. Each bit doubles the odds that they are one entity. The thin line is zero, the dashed one the threshold.
pair-prior = Prior
pair-prior-is = the odds for two records drawn at random
pair-sum = Sum
pair-sum-is = the threshold is { $bits }
pair-rarity = of it for the rarity of the value { $bits }
pair-bits = { $n } bits
decisions-title = Decisions
decisions-lead = A decision outweighs any evidence. Taken back, the evidence counts again.
decisions-list = Decisions, newest first
decisions-none = Nobody has decided anything yet
decisions-none-is = Look at the pairs in doubt.
decision-when = When
decision-word = Decision
decision-pair = Records
decision-pairs = Pairs
decision-who = Who
decision-reason = Reason
decision-undone = undone
decision-undone-now = The decision was taken back; the evidence counts again.
decision-undoes = change { $seq } was taken back
conflicts-title = { $source }: { $field } contradicted
conflicts-lead = Sources disagree about the same entity. Each source that is not believed has a defect, and its department looks into it.
conflicts-none = No conflicts
conflicts-none-is = The sources agree.
conflicts-all = All contradicted values
conflict-values = Contradicted values
conflict-defects = Its defects
conflict-key = Record
conflict-said = What it says
conflict-believed = What is believed
conflict-from = Believed source

## Figures
nav-figures = Figures
figures-title = Figures
figures-lead = Each figure is declared once: how it is worked out, its unit, its period, who answers for it. Boards and the API use it by name. Open one to see its definition, lineage, freshness, quality and rows.
figures-none = No figure is declared yet
figures-none-do = Write a TOML file in figures/ of the city folder that says which table is counted and how; see docs/figures.md.
figure-question = Open to see its definition, sources, freshness, quality and rows
figure-hidden = The values of this figure are above the grade that you may see
figure-wrong = Cannot be worked out at present
figure-now = As it is now
figure-daily = Daily
figure-weekly = Weekly
figure-monthly = Monthly
figure-quarterly = Quarterly
figure-yearly = Yearly
figure-running = (not over)
figure-week-of = Week of { $day }
figure-month-name = { $year }-{ $month }
figure-quarter-name = { $year } Q{ $quarter }
figure-year-name = { $year }
figure-before = { $change } on the period before
figure-since = { $change } since { $day }
figure-year-before = { $change } on a year before
figure-owner = Answered for by
figure-see-rows = See the rows
figure-login-rows = Log in to see the rows
figure-over-time = Over time
figure-by = By { $column }
figure-more-parts = { $n } more in the API.
figure-definition = Definition
figure-counts = Table counted
figure-value = Summed up by
figure-where = Only rows where
figure-period = Period
figure-unit = Unit
figure-boards = Used on
figure-lineage-none = It counts rows and uses the value of no column.
figure-rows = Rows
figure-rows-of = { $figure }: rows counted
figure-rows-lead = These are the rows that the figure counts, as far as your rights go.
figure-rows-none = No rows
figure-rows-none-is = No row meets the conditions; where columns are masked, conditions look at what is left.
panel-own-sql = This panel has a SELECT of its own and is not a declared figure.
grounds-title = Freshness and quality
grounds-is = The resources behind it: how new and how good each is.
grounds-none = It uses no resource
grounds-failing = Quality rules that fail
grounds-items = Items used
grounds-unmeasured = not measured
grounds-touches = touches this
grounds-more = { $n } more
grounds-no-failing = none
grounds-rows-only = its rows only
lineage-figures = Figures touched
rule-holds = not published if it fails
figure = Figure
run-workdays = working days only

nav-log = Log
log-title = Log of acts
log-lead = Each collection, reading, decision, configuration and login leaves an entry, written together with the act and numbered in order. The entries form a signed Merkle tree: to change or remove any of them is found out.
log-size = In the log
log-waiting = Waiting
log-signed = Signatures
log-check = How to verify it
log-check-is = The checkpoint and the tiles of hashes are there for everybody, in the form of C2SP tlog-tiles, which any tool for such logs verifies; the command below hashes the whole log again, entry by entry.
log-root = Root of the tree
log-key = Key of the log
log-signers = Signed by
log-checkpoint = Checkpoint
log-verify = Command
log-unpublished = There is no checkpoint yet: the server makes one within seconds of its start.
log-reads = Readings (all)
log-act = Act
log-subject = Subject
log-acts = Acts
log-none = No such acts
log-none-is = Try other conditions.
log-number = Number
log-actor = By
log-time = Time
log-receipt = Download the receipt
log-act-title = Act { $n }
log-same-subject = All that was done to it
log-proof = Evidence
log-proof-is = It stands in the signed tree. The receipt has the text and the proof; sanjiang log check-receipt verifies it offline.
log-proof-waits = It is being written into the log's files; its receipt can be had in a few seconds.
log-hash = Hash of the leaf
log-hashed = What was hashed
log-why = Reason
log-statement = Statement
log-rule = Rule
log-rows = Rows
log-files = Files
log-landed = Landed

# Accounts, roles, rights of an emergency.
nav-accounts = Accounts
yes = Yes
no = No
roles = Roles
roles-none = No role
roles-title = Roles and rights
roles-lead = Who may do what stands in this table alone; what is not in it is nobody’s.
roles-acts = Acts and roles
roles-acts-is = “Own” means: for the data of the own department only. Values are masked by grade besides.
reach-own = Own
reach-all = All
accounts-title = Accounts
accounts-lead = The system officer makes accounts, the security officer gives rights, the audit officer reads the log. They exclude each other, and nobody gives rights to the own account.
accounts-all = All accounts
account-create = Make an account
account-create-is = A new account has no rights. Hand the link to its person, who chooses a password, and ask the security officer for the rights.
account-person = Name
account-last = Last login
account-locked = Locked
account-invited = No password yet
account-active = Active
account-own = My account
account-is-own = This is your own account, which you cannot change here.
account-clearance = Sees of other departments’ data
account-clearance-city = As the city has it
account-created = Made
account-acts = All that this person did
account-rights = Rights
account-rights-is = When saved, its sessions end; from the next login on the new rights hold.
account-rights-go = Save the rights
account-more = More
account-invite = Make a new password link
account-lock = Lock the account
account-unlock = Unlock the account
account-end-sessions = End all sessions
account-done = Done.
account-link = The password link of { $name } (shown this once; hand it over in person or by a safe way):
account-link-until = It works until
account-second = Second factor
account-second-has = Bound: a login takes the six digits on your telephone.
account-second-none = Not bound yet. Once it is, a login takes six digits from your telephone beside the password, so that a stolen password opens nothing.
account-second-bind = Bind a second factor
account-second-again = Bind another
account-second-scan = Scan the square with any authenticator, or type the secret below into it, and enter the six digits that it shows.
account-second-code = Six digits
account-second-old = A code of the present one
account-second-go = Bind
account-second-bound = The second factor is bound; other sessions have ended.
account-second-reset = Take the second factor away
account-must-bind = The three officers need a second factor: before it is bound nothing can be done.
account-must-give = You logged in without your second factor. Log out and in again with it.
account-password-change = Change the password
account-password-old = Present password
account-password-new = New password
account-sessions = Sessions
account-agent = Browser or program
account-began = Began
account-used = Last used
account-session-this = This one
account-session-end = End
account-session-ended = The session has ended.
login-code = Second factor
login-code-is = Only if your account has one bound.
login-password-changed = The password is changed: log in with the new one.
login-link-used = The password is set: please log in.
setup-role = This link works once, to make the account of the city’s { $role }.
setup-account = This link works once, to choose the password of { $name }.
setup-three = System, security and audit officer should be three people: give the three links to three.
setup-gone = This link is no longer good
setup-gone-is = It is wrong, used or expired. Ask the system officer for a new one; for a first set-up restart the server.
emergency-title = Emergency rights
emergency-lead = In an emergency one person asks and the security officer approves: for some hours the first has a data steward’s rights, with all grades, in place of the own. Whatever is done with them is marked so in the log.
emergency-ask = Ask for emergency rights
emergency-reason = Why
emergency-hours = Hours
emergency-requests = Requests
emergency-none = No requests
emergency-none-is = For emergencies only. Ask the security officer for rights that you need from day to day.
emergency-when = Asked
emergency-approve = Approve
emergency-refuse = Refuse
emergency-end = End now
emergency-asked = Waits
emergency-refused = Refused
emergency-active = In force
emergency-over = Over
emergency-lapsed = Lapsed
emergency-until = until
emergency-see = See
emergency-banner = You act with emergency rights, and every act is marked so. Until

## Sharing

nav-share = Sharing
request = Request
grant = Grant
receipt = Receipt
receipt-leaf = log entry { $n }
application = Application
share-only = Only
share-ground = Legal ground for not sharing
due-today = due today
due-left = { $n ->
    [one] 1 day left
   *[other] { $n } days left
}
due-over = { $n ->
    [one] 1 day late
   *[other] { $n } days late
}
lent-as = Given
lent-whole = As it stands
lent-masked = Masked
lent-none = Not given
lent-mask = What the mask leaves
lent-keys = Mandatory key
lent-keys-is = Each query and verification names the mandatory keys, such as an identity number; nobody browses all rows.
lent-keys-none = None
lent-key-only = To ask by only
lent-channels = Channels
lent-condition = Which rows
lent-condition-is = A condition, if you need some of the rows only; empty means all. For instance
lent-condition-none = All rows
lent-per-minute = Calls a minute
lent-purpose = Purpose
channel-query-is = Rows, by the mandatory keys and by conditions.
channel-verify-is = Answers that something matches, does not, or cannot be told; never gives data.
channel-batch-is = A file of all rows, then of what has changed.
channel-subscribe-is = Changes are posted to an address of yours until they are taken.
grant-subscribe = Subscribe to changes
grant-subscribe-is = What changes under the grant is posted to this address as CloudEvents, signed by this node, again and again until it is taken.
grant-subscribe-url = Address of the receiver
grant-subscribe-go = Subscribe
grant-subscribe-end = End the subscription
grant-subscribe-none = Nobody has subscribed.
grant-subscribe-since = Subscribed
grant-subscribe-taken = Last taken
grant-subscribe-never = Nothing taken yet
grant-subscribe-waiting = Waiting, tried { $n } times, next
ask-title = Request this data
ask-renew = Renew
ask-renews = Renews the grant
ask-decided = Decided
ask-at-once = At once
ask-within = { $n ->
    [one] Within 1 working day
   *[other] Within { $n } working days
}
ask-at-once-is = { $n ->
    [one] With items of L3 and above masked it is granted at once; as they stand, the provider decides within 1 working day.
   *[other] With items of L3 and above masked it is granted at once; as they stand, the provider decides within { $n } working days.
}
ask-condition = Conditions of sharing
ask-has = What your department has already
ask-has-is = There is no need to ask for the same again; renew what is about to end.
ask-items-is = Take only the items that the work needs. The choice comes from a similar grant or the catalogue; change it as you need.
ask-take = Items asked for
ask-how = How it is used
ask-why = Purpose and period
ask-reason = Reason and legal basis
ask-reason-is = Say what the work is, and which article of which law or document allows it.
ask-go = Send the request
requests-title = Requests
requests-lead = Requests of your department and to it. Those that wait come first; late ones are marked.
requests-all = Requests
requests-none = No requests
requests-none-is = Open the resource that you need in the catalogue, and choose “Request this data”.
requests-none-here = No request fits these filters; try others.
request-provider = Provider
request-department = Asked by
request-due = Due
request-asked = Asked
request-terms = Terms
request-grant = See the grant
request-gone = The resource is no longer declared.
request-acts = What was done
request-act-asked = Asked
request-act-granted = Granted
request-act-refused = Refused
request-act-disputed = Disputed
request-act-upheld = Refusal upheld
request-act-withdrawn = Withdrawn
request-by-rule = shared unconditionally: granted at once by rule
request-decide = Decide
request-settle = Settle the dispute
request-decide-is = Grant it as asked, or less: fewer items, masked ones, more keys, fewer rows, a shorter period. Never more.
request-give = Give
request-more-keys = Further mandatory keys
request-more-condition = A further condition on rows
request-more-condition-is = Holds together with the one asked for; empty adds none. For instance
request-words = Words
request-words-is = A refusal has to name its legal ground.
request-go = Grant
request-refuse = Refuse
request-uphold = Uphold the refusal
request-dispute = Dispute the refusal
request-dispute-is = If you do not accept the reason, the data bureau settles it.
request-dispute-words = Why you dispute it
request-dispute-go = Send
request-withdraw = Withdraw the request
request-withdraw-is = Nobody decides about it any more; you may ask again.
grants-title = Grants
grants-lead = What your department may use, and what it lends. Every use is recorded and has a receipt.
grants-all = Grants
grants-none = No grants
grants-none-is = They stand here once a request is granted.
grant-active = In force
grant-ending = Ends within 30 days
grant-expired = Ended
grant-withdrawn = Withdrawn
grant-until = Until
grant-items-n = { $n ->
    [one] 1 item
   *[other] { $n } items
}
grant-rows = Rows now
grant-preparing = Being prepared
grant-request = See the request
grant-use = Use the data
grant-use-is = Every use stands in the log and has a receipt that can be verified. Name the case, so that you can account for it later.
grant-query = Query
grant-query-go = Query
grant-query-post = Query, with no number in the address
grant-filter = Further condition
grant-way = Compare
grant-limit = Rows a page
grant-case = Case number
grant-found = { $n ->
    [one] 1 row found
   *[other] { $n } rows found
}
grant-found-none = No row fits.
grant-verify = Verify
grant-verify-is = Enter one or more values to check; the answer says only whether they match.
grant-verify-go = Verify
grant-batch = Download all
grant-batch-is = The file has all rows of the grant; it is told in the log before it is given.
grant-programs = For programs
grant-programs-is = Programs call with an application’s key. Put real values in place of what stands in angle brackets.
grant-usage = Use in 30 days
grant-usage-desc = Used { $calls } times in 30 days, for { $rows } rows.
grant-usage-day = { $calls } times, { $rows } rows
grant-usage-head = Use
grant-reads = Newest readings
grant-reads-none = Not used yet.
grant-caller = Who
grant-end = Withdraw the grant
grant-end-why = Why
grant-end-sure = I am sure: it ends at once and cannot be restored.
grant-end-go = Withdraw it
verdict-yes = Matches
verdict-yes-is = All that you entered is as registered.
verdict-no = Does not match
verdict-no-is = There is a record, but not all that you entered is as registered.
verdict-unknown = Cannot be told
verdict-unknown-is = There is no record, or it has no value for what you entered.
way-is = is
way-from = is at least
way-to = is at most
way-starts = begins with
applications-title = Applications
applications-lead = Programs of departments that read under grants. Each has a key of its own; what it may read follows from its department’s grants.
applications-all = Applications
applications-none = No applications
applications-none-is = Only programs need keys; people use grants when they are logged in.
application-issue = Register an application
application-issue-is = The key stands for the department. It is shown once; only its hash is kept.
application-name = Name of the application
application-go = Register and issue a key
application-key = Application key
application-key-is = Shown this once. Click to select all of it, put it into the application’s key store, and do not send it by chat.
application-created = Registered
application-revoked = Revoked
application-revoke = Revoke the key
application-revoke-is = It ends at once and cannot be restored.
application-revoke-go = Revoke it
reads-title = Who has read my data
reads-lead = Asked at the counter for a person or a company: which departments read what is kept of them, and what for.
reads-logged = Each look-up stands in the log itself. The number goes into no address and not into the log.
reads-id = Identity number or unified social credit code
reads-go = Look up
reads-found = Readings
reads-none = No readings
reads-none-is = No department has read anything about this number under a grant; or the number is mistyped.
help-share-1 = If you need another department’s data, open the resource in the catalogue and choose “Request this data”: say which items, how, what for and on which legal basis.
help-share-2 = What is shared unconditionally is granted at once. For the rest the provider decides in time: it may give less, and names its ground where it refuses; you may dispute that.
help-share-3 = Under a grant you query and verify on its page, or a program calls with its key. Every use stands in the log and has a receipt that can be verified.
word-request = One department asks another for data: which items, what for, on which ground.
word-grant = What the provider agreed to: which rows and items, by which channels, until when.
word-receipt = Proof of one use: the log entry and its proof, which can be verified offline.

# Services, quotas, use
connector-service = Service asked in real time
schedule-called = Asked at each call
message-away = service left alone
message-back = service answers again
service-is = A service asked in real time: each call asks the source, what the grant allows is given on, and nothing is kept here.
service-state = Service
service-closed = Well
service-open = Left alone
service-half-open = Being tried
service-until = until
service-failures = Failures lately
service-under-way = Under way
service-error = Last failure
service-operations = Operations
service-operation = Operation
service-parameters = Parameters
service-call = Call
read-failed = no answer
lent-per-day = Calls a day
lent-rows-per-day = Rows a day
lent-per-day-is = Empty: not bounded, or as the city bounds it.
left-calls = Calls left today
left-rows = Rows left today
usage-title = Use
usage-lead = How much grants are used: by day, channel, purpose and grant.
usage-side = Which
usage-both = Given and taken
usage-given = Given by us
usage-taken = Taken by us
usage-span = Time
usage-days = { $n } days
usage-calls = Calls
usage-rows = Rows
usage-refused = Refused
usage-errors = Failed
usage-times = times
usage-speed = Time of services
usage-speed-is = half within { $p50 } ms, 95% within { $p95 } ms
usage-by-day = By day
usage-by-channel = By channel and purpose
usage-part = Channel or purpose
usage-by-grant = By grant
usage-none = Not used in this time.
report-title = Reports of use
report-is = Whoever uses a grant reports to whoever lends, again and again: what it was used for, and what came of it.
report-next = The next report is due on
report-none = No report yet.
report-words = What it was used for, and what came of it
report-go = Report
report-due-title = Reports that are due
