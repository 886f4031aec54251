-- Posts that were set aside and did not come.
UPDATE social_spending SET posts = posts - %(posts)s
WHERE provider = %(provider)s AND day = %(day)s AND purpose = %(purpose)s
